"""pyarrow's client of a proxy whose server is gone: the arguments of through_proxy.py."""

import sys
from pathlib import Path

from pyarrow import flight

from cases import case, raises, run


class Client:
    def __init__(self, location):
        self.flight = flight.connect(location, tls_root_certs=Path(sys.argv[2]).read_text())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.flight.close()


@case
def a_call_is_unavailable(client):
    with raises(flight.FlightUnavailableError):
        list(client.flight.list_flights())


run(has_tables=False, connect=Client)
