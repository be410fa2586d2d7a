"""Tables of unusual shape, and what a schema can say beside types."""

import pyarrow as pa

from cases import add_case, case, equal, run
from every_type import ARRAYS
from round_trip import DESCRIPTOR, NAME, round_trip

DEEPEST = 63


def rows_only(rows):
    """A batch with rows, but without columns."""
    return pa.RecordBatch.from_struct_array(pa.array([{}] * rows, pa.struct([])))


@case
def a_table_without_batches(client):
    round_trip(client, [], pa.schema({"n": pa.int64()}))


@case
def a_table_of_every_type_without_batches(client):
    round_trip(client, [], pa.record_batch(ARRAYS).schema)


@case
def a_table_without_rows(client):
    empty = pa.record_batch(ARRAYS)[:0]
    round_trip(client, [empty, empty])


@case
def a_table_without_rows_put_as_a_table(client):
    table = pa.table(ARRAYS)[:0]
    client.put_table(NAME, table)
    equal(client.get_table(NAME), table)


@case
def empty_batches_between_others(client):
    batch = pa.record_batch(ARRAYS)
    round_trip(client, [batch[:0], batch, batch[:0], batch[:0], batch[3:4], batch[:0]])


@case
def a_table_without_columns_and_batches(client):
    round_trip(client, [], pa.schema([]))


@case
def rows_without_columns(client):
    round_trip(client, [rows_only(5), rows_only(0), rows_only(7)])
    equal(client.flight.get_flight_info(DESCRIPTOR).total_records, 12)


@case
def columns_of_one_name(client):
    round_trip(client, [pa.RecordBatch.from_arrays([pa.array([1]), pa.array(["a"]), pa.array([2.5])], ["x", "x", "x"])])


@case
def columns_of_all_sorts_of_names(client):
    names = ["", " ", "ü", "🐚", "a.b", "a/b", "\0", "\n", '"', "__proto__", "x" * 10_000]
    round_trip(client, [pa.RecordBatch.from_arrays([pa.array([1])] * len(names), names)])


@case
def one_array_in_two_columns(client):
    array = pa.array(["a", None, "b"])
    round_trip(client, [pa.record_batch({"x": array, "y": array})])


@case
def the_chunks_of_a_table_stay(client):
    table = pa.table({"n": pa.chunked_array([[1, 2, 3], [], [4], [5, 6]], pa.int8())})
    client.put_table(NAME, table)
    found = client.get_table(NAME).column("n")
    equal([len(chunk) for chunk in found.chunks], [3, 0, 1, 2])
    equal(found.to_pylist(), [1, 2, 3, 4, 5, 6])


@case
def columns_that_cannot_be_null(client):
    fields = [
        pa.field("n", pa.int64(), False),
        pa.field("l", pa.list_(pa.field("item", pa.int8(), False)), False),
        pa.field("s", pa.struct([pa.field("c", pa.string(), False)]), True),
        pa.field("d", pa.dictionary(pa.int8(), pa.string()), False),
    ]
    columns = [[1, 2], [[1], []], [{"c": "a"}, {"c": ""}], ["a", "b"]]
    arrays = [pa.array(values, field.type) for values, field in zip(columns, fields)]
    round_trip(client, [pa.RecordBatch.from_arrays(arrays, schema=pa.schema(fields))])


def metadata_goes_round(client, metadata):
    inner = pa.field("c", pa.int8(), True, metadata)
    fields = [
        pa.field("x", pa.int8(), True, metadata),
        pa.field("s", pa.struct([inner]), True, metadata),
        pa.field("l", pa.list_(inner), True, metadata),
        pa.field("d", pa.dictionary(pa.int8(), pa.string()), True, metadata),
    ]
    columns = [[1, None], [{"c": 1}, None], [[1, None], None], ["a", None]]
    arrays = [pa.array(values, field.type) for values, field in zip(columns, fields)]
    round_trip(client, [pa.RecordBatch.from_arrays(arrays, schema=pa.schema(fields, metadata))])


for title, metadata in {
    "text": {"source": "USGS", "unit": "km"},
    "letters of other scripts": {"Ωü": "🐚", "地震": "ｑ"},
    "bytes that are not UTF-8": {b"\xff\xfe": b"\x80\x00\xff", b"key": bytes(range(256))},
    "an empty key and an empty value": {"": "nothing", "nothing": ""},
    "zero bytes": {b"a\0b": b"\0"},
    "what pandas writes": {"pandas": '{"index_columns": [], "columns": []}'},
    "one megabyte": {"long": "x" * 2**20},
    "a thousand keys": {str(number): str(number) for number in range(1000)},
}.items():
    add_case(f"metadata with {title}", metadata_goes_round, metadata)


@case
def metadata_without_keys(client):
    round_trip(client, [pa.record_batch({"n": [1]}).replace_schema_metadata({})])


@case
def lists_as_deep_as_pyarrow_can(client):
    array = pa.array([1, None, 3], pa.int8())
    for _ in range(DEEPEST):
        array = pa.ListArray.from_arrays(pa.array([0, 1, 1, 3], pa.int32()), array)
    round_trip(client, [pa.record_batch({"x": array})])


@case
def structs_as_deep_as_pyarrow_can(client):
    array = pa.array([1, None, 3], pa.int8())
    for _ in range(DEEPEST):
        array = pa.StructArray.from_arrays([array], ["c"])
    round_trip(client, [pa.record_batch({"x": array})])


@case
def a_union_without_children(client):
    array = pa.UnionArray.from_sparse(pa.array([], pa.int8()), [])
    round_trip(client, [pa.record_batch({"x": array})])


@case
def app_metadata_of_a_put_does_no_harm(client):
    batch = pa.record_batch({"n": [1, 2, 3]})
    writer, _ = client.flight.do_put(DESCRIPTOR, batch.schema)
    with writer:
        writer.write_metadata(b"before")
        writer.write_with_metadata(batch, b"with")
        writer.write_metadata(b"after")
    equal(client.get_table(NAME), pa.Table.from_batches([batch]))


run()
