"""Writes files with tables for ours to read, and reads what ours has written."""

import datetime
import decimal
import json
import os
import sys

import pyarrow as pa
import pyarrow.csv
import pyarrow.feather
import pyarrow.json
import pyarrow.parquet

D = decimal.Decimal
UTC = datetime.timezone.utc


def tables():
    """Tables by their names, each with nulls, and several batches."""
    ints = {f"{s}int{w}": getattr(pa, f"{s}int{w}")() for w in (8, 16, 32, 64) for s in ("", "u")}
    edges = lambda t: [0, None, (1 << (t.bit_width - (0 if str(t)[0] == "u" else 1))) - 1]
    numbers = {n: pa.array(edges(t), t) for n, t in ints.items()}
    numbers |= {
        "half": pa.array([0.5, None, 65504.0], pa.float16()),
        "single": pa.array([0.1, None, 3.4e38], pa.float32()),
        "double": pa.array([0.1, None, -1.7976931348623157e308]),
        "bool": pa.array([True, None, False]),
        "null": pa.nulls(3),
    }
    stamps = [0, None, 1_704_067_200_123]
    times = {"date32": pa.array([0, None, 19_782], pa.date32())}
    times |= {
        f"{unit}_{zone}": pa.array(stamps, pa.timestamp(unit, zone))
        for unit in ("ms", "us", "ns")
        for zone in (None, "UTC", "Europe/Berlin")
    }
    times |= {
        "time32": pa.array([0, None, 86_399_999], pa.time32("ms")),
        "time64us": pa.array([0, None, 86_399_999_999], pa.time64("us")),
        "time64ns": pa.array([0, None, 86_399_999_999_999], pa.time64("ns")),
    }
    texts = {
        "text": pa.array(["", None, 'é "quoted", \r\n\U0001f600']),
        "large": pa.array(["", None, "x" * 1000], pa.large_string()),
        "binary": pa.array([b"", None, b"\x00\xff"]),
        "fixed": pa.array([b"ab", None, b"\xff\x00"], pa.binary(2)),
    }
    decimals = {
        "small": pa.array([D("0.01"), None, D("-99.99")], pa.decimal128(4, 2)),
        "large": pa.array([D("1e-10"), None, D("12345678901234567890123456.78")], pa.decimal128(38, 10)),
    }
    struct = pa.struct([("x", pa.int64()), ("y", pa.list_(pa.string()))])
    nested = {
        "list": pa.array([[1, None], None, []], pa.list_(pa.int64())),
        "struct": pa.array([{"x": 1, "y": ["a", None]}, None, {"x": None, "y": None}], struct),
        "deep": pa.array([[{"x": 1, "y": []}], [], None], pa.list_(struct)),
        "map": pa.array([[("a", 1)], None, []], pa.map_(pa.string(), pa.int32())),
        "pair": pa.array([[1, 2], None, [3, 4]], pa.list_(pa.int32(), 2)),
        "large_list": pa.array([[1], None, []], pa.large_list(pa.int8())),
    }
    dictionaries = {
        "kind": pa.array(["a", None, "b"]).dictionary_encode(),
        "small": pa.array(["x", "y", "x"]).dictionary_encode().cast(pa.dictionary(pa.int8(), pa.string())),
    }
    named = dict(numbers=numbers, times=times, texts=texts, decimals=decimals, nested=nested, dictionaries=dictionaries)
    for name, columns in named.items():
        table = pa.table(columns)
        yield name, pa.concat_tables([table, table.slice(1)]).combine_chunks()


def make(folder):
    for index, (name, table) in enumerate(tables()):
        path = os.path.join(folder, name)
        codec = ["snappy", "zstd", "gzip", "lz4", "none", "brotli"][index]
        pa.parquet.write_table(table, f"{path}.parquet", compression=codec, row_group_size=2)
        pa.feather.write_feather(table, f"{path}.arrow", compression=["lz4", "zstd", "uncompressed"][index % 3], chunksize=2)
        with pa.ipc.new_stream(f"{path}.arrows", table.schema) as writer:
            writer.write_table(table, max_chunksize=2)
    csv = csv_table()
    pa.csv.write_csv(csv, os.path.join(folder, "written.csv"))
    with open(os.path.join(folder, "written.ndjson"), "w") as file:
        for row in json_table().to_pylist():
            file.write(json.dumps(row) + "\n")
    with open(os.path.join(folder, "written.json"), "w") as file:
        json.dump(json_table().to_pylist(), file, indent=2)


def csv_table():
    """A table of which each column's type can be found from its texts."""
    return pa.table({
        "int": pa.array([1, None, 2**63 - 1]),
        "double": pa.array([0.1, None, 1e300]),
        "text": pa.array(["", None, 'a "b",\r\nc\n']),
        "bool": pa.array([True, None, False]),
        "day": pa.array([datetime.date(2024, 2, 29), None, datetime.date(1, 1, 1)]),
        "at": pa.array([0, None, 1_704_067_200_123_456], pa.timestamp("us")),
    })


def json_table():
    struct = pa.struct([("x", pa.int64()), ("y", pa.list_(pa.string()))])
    return pa.table({
        "int": pa.array([2**53 + 1, None, -(2**63)]),
        "double": pa.array([0.1, None, 1e300]),
        "text": pa.array(["", None, 'a "b"\r\n\u20ac\U0001f600']),
        "bool": pa.array([True, None, False]),
        "place": pa.array([{"x": 1, "y": ["a", None]}, None, {"x": None, "y": None}], struct),
        "list": pa.array([[[1], []], None, []], pa.list_(pa.list_(pa.int64()))),
    })


def same(found, wanted):
    found = found.combine_chunks()
    if not found.schema.equals(wanted.schema):
        return f"the schema is\n{found.schema}\nand not\n{wanted.schema}"
    return None if found.equals(wanted) else f"{found.to_pylist()} is not {wanted.to_pylist()}"


def read(path):
    if path.endswith(".parquet"):
        return pa.parquet.read_table(path)
    if path.endswith(".arrows"):
        return pa.ipc.open_stream(path).read_all()
    return pa.feather.read_table(path)


def check(folder):
    wanted = dict(tables())
    for file in sorted(os.listdir(folder)):
        if ".out." in file:
            yield file, lambda: same(read(os.path.join(folder, file)), wanted[file.split(".")[0]])
    for source in ("csv", "ndjson", "json"):
        table = csv_table() if source == "csv" else json_table()
        yield f"{source} in", lambda: same(read(os.path.join(folder, f"read.{source}.arrow")), table)
    convert = pa.csv.ConvertOptions(
        column_types=csv_table().schema, strings_can_be_null=True, quoted_strings_can_be_null=False
    )
    parse = pa.csv.ParseOptions(newlines_in_values=True)
    path = os.path.join(folder, "again.csv")
    yield "csv out", lambda: same(pa.csv.read_csv(path, None, parse, convert), csv_table())
    lines = open(os.path.join(folder, "again.ndjson")).read().splitlines()
    rows = json_table().to_pylist()
    yield "ndjson out", lambda: None if [json.loads(line) for line in lines] == rows else str(lines)
    found = json.load(open(os.path.join(folder, "again.json")))
    yield "json out", lambda: None if found == rows else str(found)
    options = pa.json.ParseOptions(explicit_schema=json_table().schema)
    path_json = os.path.join(folder, "again.ndjson")
    yield "ndjson by pyarrow.json", lambda: same(pa.json.read_json(path_json, None, options), json_table())


def main(what, folder):
    if what == "make":
        return make(folder)
    for name, find in check(folder):
        try:
            error = find()
        except Exception as problem:
            error = repr(problem)
        print(json.dumps({"name": name, "error": error}))


main(*sys.argv[1:])
