"""Tables over HTTP, with pyarrow's own reader and writer of streams."""

import http.client
import json
import urllib.error
import urllib.parse
import urllib.request

import pyarrow as pa
from pyarrow import flight

from cases import case, equal, run
from every_type import ARRAYS
from round_trip import assert_same_batches, assert_same_schema

TABLE = pa.table({"n": [1, None, 3], "s": ["a", "b", "ü"]})
EVERY_TYPE = {name: pa.table({"x": array}) for name, array in ARRAYS.items()}


def same(found, expected):
    """Raises unless both tables have the same schema and the same bits."""
    assert_same_schema(found.schema, expected.schema)
    assert_same_batches(found.to_batches(), expected.to_batches())


def uri_of(client, name):
    """The HTTP location of a table."""
    info = client.flight.get_flight_info(flight.FlightDescriptor.for_command(name))
    locations = [location.uri.decode() for location in info.endpoints[0].locations]
    equal(len(locations), 2)
    return locations[1]


def read(uri):
    with urllib.request.urlopen(uri) as response:
        return pa.ipc.open_stream(response).read_all()


def put(uri, table, options=None):
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=options) as writer:
        writer.write_table(table)
    body = sink.getvalue().to_pybytes()
    request = urllib.request.Request(uri, data=body, method="PUT")
    with urllib.request.urlopen(request) as response:
        return response.status, json.load(response)


@case
def what_flight_puts_http_gives(client):
    for name, table in EVERY_TYPE.items():
        client.put_table(name, table)
        same(read(uri_of(client, name)), table)


@case
def what_http_puts_flight_gives(client):
    client.put_table("first", TABLE)
    base = uri_of(client, "first").removesuffix("first")
    for name, table in EVERY_TYPE.items():
        status, described = put(base + urllib.parse.quote(name, safe=""), table)
        equal((status, described["rows"]), (201, table.num_rows))
        same(client.get_table(name), table)


@case
def compressed_streams(client):
    client.put_table("t", TABLE)
    for codec in ["lz4", "zstd"]:
        status, _ = put(uri_of(client, "t"), TABLE, pa.ipc.IpcWriteOptions(compression=codec))
        equal(status, 200)
        same(read(uri_of(client, "t")), TABLE)


@case
def chunked_bodies(client):
    client.put_table("t", TABLE[:1])
    uri = urllib.parse.urlsplit(uri_of(client, "t"))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, TABLE.schema) as writer:
        writer.write_table(TABLE)
    body = sink.getvalue().to_pybytes()
    connection = http.client.HTTPConnection(uri.netloc)
    chunks = (body[at : at + 7] for at in range(0, len(body), 7))
    connection.request("PUT", uri.path, body=chunks, encode_chunked=True)
    equal(connection.getresponse().status, 200)
    connection.close()
    same(client.get_table("t"), TABLE)


@case
def an_absent_table_is_404(client):
    client.put_table("quakes", TABLE)
    try:
        urllib.request.urlopen(uri_of(client, "quakes") + "x")
    except urllib.error.HTTPError as error:
        equal(error.code, 404)
        equal(json.load(error)["code"], "NOT_FOUND")
    else:
        raise AssertionError("no error was raised")


run()
