"""The server of pyarrow_server.py over TLS, with the certificates of a folder.

    python tls_server.py FOLDER [verify]
"""

import sys
from pathlib import Path

from pyarrow_server import TableServer

FOLDER = Path(sys.argv[1])


def pem(name):
    return (FOLDER / f"{name}.pem").read_bytes()


class TlsServer(TableServer):
    def __init__(self):
        super(TableServer, self).__init__(
            "grpc+tls://localhost:0",
            tls_certificates=[(pem("first_cert"), pem("first_key"))],
            verify_client="verify" in sys.argv,
            root_certificates=pem("ca") if "verify" in sys.argv else None,
        )
        self.tables = {}


server = TlsServer()
print(f"grpc+tls://localhost:{server.port}", flush=True)
server.serve()
