"""Tables straight from the object store: the second location of a FlightInfo."""

import urllib.error
import urllib.request

import pyarrow as pa
from pyarrow import flight

from cases import case, equal, run
from every_type import ARRAYS
from round_trip import assert_same_batches

TABLE = pa.table({"n": list(range(300_000)), "s": [f"row {i % 7}" for i in range(300_000)]})


def endpoints_of(client, name):
    info = client.flight.get_flight_info(flight.FlightDescriptor.for_command(name))
    return info.endpoints


def read(uri):
    with urllib.request.urlopen(uri) as response:
        return pa.ipc.open_stream(response).read_all()


@case
def the_second_location_is_the_table_as_a_stream(client):
    for name, table in {"table": TABLE, "a/ü b": TABLE.slice(0, 3)}.items():
        client.put_table(name, table)
        (endpoint,) = endpoints_of(client, name)
        equal(len(endpoint.locations), 2)
        assert endpoint.expiration_time is not None
        equal(read(endpoint.locations[1].uri.decode()), table)


@case
def the_url_of_every_type_is_its_stream(client):
    for name, array in ARRAYS.items():
        table = pa.table({"x": array})
        client.put_table(name, table)
        (endpoint,) = endpoints_of(client, name)
        found = read(endpoint.locations[1].uri.decode())
        assert_same_batches(found.to_batches(), table.to_batches())


@case
def a_url_that_was_changed_gives_nothing(client):
    client.put_table("table", TABLE)
    client.put_table("secret", TABLE)
    (endpoint,) = endpoints_of(client, "table")
    uri = endpoint.locations[1].uri.decode()
    try:
        read(uri.replace("table.arrows", "secret.arrows"))
    except urllib.error.HTTPError as error:
        equal(error.code, 403)
    else:
        raise AssertionError("another table was read with the URL")


run()
