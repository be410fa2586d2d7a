"""pyarrow's client through a proxy that speaks TLS in front of a server with logins.

    python through_proxy.py LOCATION ROOTS

ROOTS is the file of the authority of the proxy's certificate.
"""

import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import flight

from cases import case, equal, raises, run


class Client:
    """A client that has logged in."""

    def __init__(self, location):
        self.flight = flight.connect(location, tls_root_certs=Path(sys.argv[2]).read_text())
        token = self.flight.authenticate_basic_token("ada", "lovelace")
        self.options = flight.FlightCallOptions(headers=[token])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.flight.close()

    def put(self, name, table, rows=None):
        descriptor = flight.FlightDescriptor.for_path(name)
        writer, _ = self.flight.do_put(descriptor, table.schema, self.options)
        with writer:
            writer.write_table(table, max_chunksize=rows)
        return flight.Ticket(name)

    def get(self, ticket):
        return self.flight.do_get(ticket, self.options)


def table_of(rows):
    return pa.table({"x": np.arange(rows), "y": np.random.rand(rows)})


@case
def a_small_table_goes_round(client):
    table = table_of(3)
    equal(client.get(client.put("small", table)).read_all(), table)


@case
def a_large_table_goes_round(client):
    table = table_of(4_000_000)
    ticket = client.put("large", table, 100_000)
    equal(client.get(ticket).read_all().equals(table), True)


@case
def many_calls_go_over_one_connection(client):
    table = table_of(1000)
    for number in range(50):
        equal(client.get(client.put(f"many/{number}", table)).read_all(), table)
    infos = client.flight.list_flights(b"many/", client.options)
    equal(len(list(infos)), 50)


@case
def errors_come_through(client):
    with raises(flight.FlightUnauthenticatedError, "without a token"):
        list(client.flight.list_flights())
    with raises(pa.ArrowKeyError, "Cannot find the table"):
        client.get(flight.Ticket("none")).read_all()


@case
def a_flight_info_names_the_proxy(client):
    client.put("small", table_of(3))
    descriptor = flight.FlightDescriptor.for_path("small")
    info = client.flight.get_flight_info(descriptor, client.options)
    uris = [location.uri.decode() for location in info.endpoints[0].locations]
    equal(uris[0], "grpc+tls://flight.example.org:443")
    equal(uris[1].split("?")[0], "https://flight.example.org/tables/small")


@case
def a_get_that_is_left_early_ends(client):
    ticket = client.put("left", table_of(2_000_000), 50_000)
    reader = client.get(ticket)
    reader.read_chunk()
    reader.cancel()
    equal(client.get(ticket).read_all().num_rows, 2_000_000)


run(has_tables=False, connect=Client)
