"""Batches that go to the server and come back, compared bit by bit."""

import pyarrow as pa
from pyarrow import flight, ipc

NAME = "round trip"
DESCRIPTOR = flight.FlightDescriptor.for_command(NAME)

# Of an array of eleven rows: the whole, parts that begin and end inside a byte of bits,
# and nothing.
SLICES = [slice(None), slice(3, 10), slice(1, 2), slice(8, 11), slice(5, 5)]


def round_trip(client, batches, schema=None, write=None, read=None):
    """Puts these batches as one table, and raises unless the server gives back just the
    same. `write` and `read` are pyarrow's IPC options for the put and the get. Gives the
    writer's statistics."""
    schema = batches[0].schema if schema is None else schema
    stats = put_batches(client, NAME, batches, schema, write)
    assert_schema_kept(client, schema, write)
    reader = client.flight.do_get(flight.Ticket(NAME), flight.FlightCallOptions(read_options=read))
    assert_same_schema(reader.schema, schema)
    assert_same_batches([chunk.data for chunk in reader], batches)
    return stats


def put_batches(client, name, batches, schema, write=None):
    """Puts these batches as one table, and gives the writer's statistics."""
    options = flight.FlightCallOptions(write_options=write)
    writer, _ = client.flight.do_put(flight.FlightDescriptor.for_command(name), schema, options)
    with writer:
        for batch in batches:
            writer.write_batch(batch)
    return writer.stats


def get_batches(client, name):
    """The batches of a table as the server sends them."""
    return [chunk.data for chunk in client.flight.do_get(flight.Ticket(name))]


def assert_schema_kept(client, schema, write=None):
    """Raises unless the server tells the schema in the very bytes in which it was put: when
    pyarrow reads them it passes over some of what they say, such as the names of a map's
    children."""
    version = ipc.MetadataVersion.V5 if write is None else write.metadata_version
    if version == ipc.MetadataVersion.V5:
        info = client.flight.get_flight_info(DESCRIPTOR)
        assert schema.serialize().to_pybytes() in info.serialize(), info.schema


def assert_same_schema(found, expected):
    """Raises unless both schemas are equal, with all their metadata."""
    expected = ipc.read_schema(expected.serialize())
    if not found.equals(expected, check_metadata=True):
        raise AssertionError(f"the schema is not the same: found\n{found}\nexpected\n{expected}")


def assert_same_batches(found, expected):
    """Raises unless the batches are as many, valid, and equal in every bit."""
    sizes = [batch.num_rows for batch in found]
    if sizes != [batch.num_rows for batch in expected]:
        raise AssertionError(f"the batches have {sizes} rows")
    for batch in found:
        batch.validate(full=True)
    for index in range(expected[0].num_columns if expected else 0):
        columns = [[batch.select([index]) for batch in batches] for batches in (found, expected)]
        if ipc_bytes(columns[0]) != ipc_bytes(ipc.open_stream(ipc_bytes(columns[1]))):
            name = expected[0].schema.names[index]
            raise AssertionError(
                f"the column {name!r} is not the same: found\n{columns[0]}\nexpected\n{columns[1]}"
            )


def ipc_bytes(batches):
    """The batches as an IPC stream, in which all that a column refers to shows."""
    batches = list(batches)
    sink = pa.BufferOutputStream()
    with ipc.new_stream(sink, batches[0].schema) as writer:
        for batch in batches:
            writer.write_batch(batch)
    return sink.getvalue()
