"""Reads streams that codec_test.ts wrote, and writes streams for it to read.

    codec_pyarrow.py read DIRECTORY     prints the values of each stream as JSON
    codec_pyarrow.py types DIRECTORY    prints the types of each stream's columns
    codec_pyarrow.py write DIRECTORY    writes streams, and their values as JSON
"""

import datetime
import decimal
import json
import math
import pathlib
import sys

import pyarrow as pa


def plain(value, type_):
    """The value as JSON can have it, the same as plain_values.ts makes of ours."""
    if value is None:
        return None
    if isinstance(value, pa.MonthDayNano):
        return [value.months, value.days, value.nanoseconds]
    if isinstance(value, bool) or isinstance(value, str):
        return value
    if isinstance(value, int):
        return value if abs(value) < 2**53 else str(value)
    if isinstance(value, float):
        return "NaN" if math.isnan(value) else value
    if isinstance(value, bytes):
        return list(value)
    if isinstance(value, decimal.Decimal):
        return str(int(value.scaleb(type_.scale, decimal.Context(prec=100))))
    if isinstance(value, dict):
        return [[key, plain(inner, None)] for key, inner in value.items()]
    if isinstance(value, (list, tuple)):
        return [plain(inner, None) for inner in value]
    raise TypeError(f"no plain form of {value!r}")


def column_values(column):
    type_ = column.type
    if pa.types.is_temporal(type_) and not pa.types.is_interval(type_):
        width = pa.int32() if type_.bit_width == 32 else pa.int64()
        column = pa.chunked_array([chunk.view(width) for chunk in column.chunks], width)
    return [plain(value, type_) for value in column.to_pylist()]


def table_values(table):
    return [[name, column_values(column)] for name, column in zip(table.column_names, table.columns)]


def read(directory):
    found = {}
    for path in sorted(directory.glob("*.arrows")):
        with pa.ipc.open_stream(path.read_bytes()) as reader:
            schema = reader.schema
            batches = []
            for batch in reader:
                batch.validate(full=True)
                batches.append(batch)
            table = pa.Table.from_batches(batches, schema)
            table.validate(full=True)
            found[path.stem] = {
                "metadata": {k.decode(): v.decode() for k, v in (schema.metadata or {}).items()},
                "nullable": [field.nullable for field in schema],
                "rows": [batch.num_rows for batch in batches],
                "values": table_values(table),
            }
    print(json.dumps(found))


def types(directory):
    found = {}
    for path in directory.glob("*.arrows"):
        with pa.ipc.open_stream(path.read_bytes()) as reader:
            table = reader.read_all()
            table.validate(full=True)
            found[path.stem] = [str(field.type) for field in table.schema]
    print(json.dumps(found))


def write(directory):
    values = {}
    for name, table, options in streams():
        with pa.OSFile(str(directory / f"{name}.arrows"), "wb") as sink:
            with pa.ipc.new_stream(sink, table.schema, options=options) as writer:
                for batch in table.to_batches():
                    writer.write_batch(batch)
        values[name] = table_values(table)
    print(json.dumps(values))


def streams():
    options = pa.ipc.IpcWriteOptions
    everything = every_type()
    yield "plain", everything, options()
    yield "aligned", everything, options(allow_64bit=True)
    yield "sliced", everything.slice(3, 11), options()
    yield "empty", everything.slice(0, 0), options()
    for codec in ["lz4", "zstd"]:
        yield codec, everything, options(compression=codec)
        long = pa.table({"n": pa.array(range(100_000)), "s": pa.array(["fiji"] * 100_000)})
        yield f"{codec} long", long, options(compression=codec)
    yield "v4", every_type(union=True), options(metadata_version=pa.ipc.MetadataVersion.V4)
    yield "no columns", pa.table({}), options()
    growing = [["a", "b"], ["a", "b", "c"], ["a", "b", "c", "d"], ["x"], ["x", "y"]]
    chunks = [
        pa.DictionaryArray.from_arrays(pa.array([0, len(words) - 1, None], pa.int8()), words)
        for words in growing
    ]
    dictionaries = pa.table({"d": pa.chunked_array(chunks)})
    yield "deltas", dictionaries, options(emit_dictionary_deltas=True)
    yield "replacements", dictionaries, options(emit_dictionary_deltas=False)


def every_type(union=True):
    rows = 17

    def some(make):
        return [None if row % 5 == 3 else make(row) for row in range(rows)]

    words = ["", "a", "Ωmega", "x" * 40, "quakes"]
    columns = {
        "null": pa.nulls(rows),
        "bool": pa.array(some(lambda row: row % 3 == 0)),
        "float16": pa.array(some(lambda row: row / 4), pa.float16()),
        "float32": pa.array(some(lambda row: row / 4), pa.float32()),
        "float64": pa.array(some(lambda row: row / 7)),
        "date32": pa.array(some(lambda row: datetime.date(2020, 1, 1 + row))),
        "date64": pa.array(some(lambda row: datetime.date(2020, 1, 1 + row)), pa.date64()),
        "interval": pa.array(some(lambda row: pa.MonthDayNano([row, 2, 3]))),
        "fixed": pa.array(some(lambda row: bytes([row, 1, 2])), pa.binary(3)),
        "fixed list": pa.array(some(lambda row: [row, None]), pa.list_(pa.int16(), 2)),
        "struct": pa.array(some(lambda row: {"a": row, "b": words[row % 5]})),
        "list of struct": pa.array(some(lambda row: [{"a": row}] * (row % 3))),
        "map": pa.array(some(lambda row: [(f"k{row}", row)] * (row % 3)), pa.map_(pa.string(), pa.int32())),
        "dictionary": pa.array(some(lambda row: words[row % 5])).dictionary_encode(),
        "list of dictionary": pa.array(
            some(lambda row: words[: row % 5]), pa.list_(pa.dictionary(pa.int16(), pa.string()))
        ),
    }
    for bits in [8, 16, 32, 64]:
        columns[f"int{bits}"] = pa.array(some(lambda row: -row), f"int{bits}")
        columns[f"uint{bits}"] = pa.array(some(lambda row: 2**bits - 1 - row), f"uint{bits}")
    for unit in ["s", "ms", "us", "ns"]:
        columns[f"timestamp {unit}"] = pa.array(some(lambda row: row * 10**9), pa.timestamp(unit, "UTC"))
        columns[f"duration {unit}"] = pa.array(some(lambda row: row * -3), pa.duration(unit))
        time = pa.time32(unit) if unit in ["s", "ms"] else pa.time64(unit)
        columns[f"time {unit}"] = pa.array(some(lambda row: row * 5), time)
    for type_ in [pa.string(), pa.large_string(), pa.string_view()]:
        columns[str(type_)] = pa.array(some(lambda row: words[row % 5]), type_)
    for type_ in [pa.binary(), pa.large_binary(), pa.binary_view()]:
        columns[str(type_)] = pa.array(some(lambda row: words[row % 5].encode()), type_)
    for type_ in [pa.list_(pa.int32()), pa.large_list(pa.int32())]:
        columns[str(type_)] = pa.array(some(lambda row: [row, None] * (row % 3)), type_)
    for type_ in [pa.decimal32(5, 2), pa.decimal64(12, 2), pa.decimal128(30, 2), pa.decimal256(60, 2)]:
        columns[str(type_)] = pa.array(some(lambda row: decimal.Decimal(row - 8) / 4), type_)
    for bits in ["int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64"]:
        indices = pa.array(some(lambda row: row % 5), bits)
        columns[f"indices {bits}"] = pa.DictionaryArray.from_arrays(indices, words)
    if union:
        ids = pa.array([row % 2 for row in range(rows)], pa.int8())
        places = pa.array([row // 2 for row in range(rows)], pa.int32())
        children = [pa.array(range(rows)), pa.array(some(lambda row: words[row % 5]))]
        columns["dense"] = pa.UnionArray.from_dense(ids, places, children)
        columns["sparse"] = pa.UnionArray.from_sparse(ids, children)
    return pa.table(columns)


{"read": read, "types": types, "write": write}[sys.argv[1]](pathlib.Path(sys.argv[2]))
