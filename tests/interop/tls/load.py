"""Makes connections and calls over TLS until standard input ends, and prints how many.

    python load.py LOCATION FOLDER

It prints "begun" before, once there was a connection.
"""

import sys
import threading
from pathlib import Path

from pyarrow import flight

LOCATION, FOLDER = sys.argv[1], Path(sys.argv[2])
CONNECTIONS = 2


def pem(name):
    return (FOLDER / f"{name}.pem").read_bytes()


OPTIONS = {
    "tls_root_certs": pem("ca"),
    "cert_chain": pem("ada_cert"),
    "private_key": pem("ada_key"),
}
ended = threading.Event()
failures = []
made = []


def connect_and_call():
    """Makes a connection, and calls over it while others are made."""
    # A connection of its own each time, where gRPC would share one.
    options = OPTIONS | {"generic_options": [("grpc.use_local_subchannel_pool", 1)]}
    with flight.connect(LOCATION, **options) as client:
        for _ in range(5):
            rows = client.do_get(flight.Ticket("table")).read_all().num_rows
            assert rows == 1000, rows


def work():
    while not ended.is_set():
        try:
            connect_and_call()
        except BaseException as error:
            failures.append(error)
            ended.set()
        made.append(1)
        if len(made) == CONNECTIONS:
            print("begun", flush=True)


threads = [threading.Thread(target=work) for _ in range(CONNECTIONS)]
for thread in threads:
    thread.start()
sys.stdin.read()
ended.set()
for thread in threads:
    thread.join()
if failures:
    raise failures[0]
print(len(made), flush=True)
