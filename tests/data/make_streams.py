"""Writes the Arrow streams that the tests read, with pyarrow, beside this file.

    python tests/data/make_streams.py

Every type of the format is there, and every way to write it that a reader has to
know: nulls, slices, nesting, dictionaries that grow and change, compression.
The same pyarrow writes the same bytes each time.
"""

import datetime
import decimal
import pathlib

import pyarrow as pa

HERE = pathlib.Path(__file__).parent


def write(name, batches, schema=None, **options):
    """Writes one stream file with these batches."""
    schema = schema or batches[0].schema
    options = pa.ipc.IpcWriteOptions(**options)
    with pa.ipc.new_stream(HERE / f"{name}.arrows", schema, options=options) as writer:
        for batch in batches:
            writer.write(batch)


def batch(**columns):
    """A record batch with these columns."""
    return pa.record_batch(list(columns.values()), names=list(columns))


def column(values, type):
    return pa.array(values, type)


def numbers():
    columns = {"null": pa.nulls(5)}
    for bits in (8, 16, 32, 64):
        columns[f"int{bits}"] = column([1, None, -3, 4, 5], getattr(pa, f"int{bits}")())
        columns[f"uint{bits}"] = column([1, 2, 3, None, 5], getattr(pa, f"uint{bits}")())
    for bits in (16, 32, 64):
        values = column([1.5, None, -2.0, 0.0, 4.0], pa.float64())
        columns[f"float{bits}"] = values.cast(getattr(pa, f"float{bits}")())
    columns["bool"] = column([True, None, False, True, True], pa.bool_())
    for bits in (32, 64, 128, 256):
        type = getattr(pa, f"decimal{bits}")(9, 2)
        columns[f"decimal{bits}"] = column([decimal.Decimal("1.25"), None] + [0] * 3, type)
    columns["no_nulls"] = column([1, 2, 3, 4, 5], pa.int32())
    columns["all_nulls"] = column([None] * 5, pa.int64())
    return batch(**columns)


def times():
    columns = {}
    days = [datetime.date(2020, 1, 2), None]
    for bits in (32, 64):
        columns[f"date{bits}"] = column(days, getattr(pa, f"date{bits}")())
    for bits, units in ((32, ("s", "ms")), (64, ("us", "ns"))):
        for unit in units:
            columns[f"time_{unit}"] = column([1, None], getattr(pa, f"time{bits}")(unit))
    for unit in ("s", "ms", "us", "ns"):
        columns[f"timestamp_{unit}"] = column([1, None], pa.timestamp(unit))
        columns[f"duration_{unit}"] = column([1, None], pa.duration(unit))
    columns["timestamp_zone"] = column([1, None], pa.timestamp("us", "Europe/Paris"))
    intervals = [pa.MonthDayNano([1, 2, 3]), None]
    columns["month_day_nano"] = column(intervals, pa.month_day_nano_interval())
    return batch(**columns)


def texts():
    words = ["one", None, "", "a text that is longer than twelve bytes", "five"]
    data = [word and word.encode() for word in words]
    return batch(
        utf8=column(words, pa.utf8()),
        large_utf8=column(words, pa.large_utf8()),
        binary=column(data, pa.binary()),
        large_binary=column(data, pa.large_binary()),
        fixed=column([b"abc", None, b"def", b"ghi", b"jkl"], pa.binary(3)),
    )


def views():
    long = "a text that is longer than twelve bytes"
    words = ["short", None, long, "another of the longer texts"]
    return batch(
        utf8_view=column(words, pa.string_view()),
        binary_view=column([word and word.encode() for word in words], pa.binary_view()),
        inline_only=column(["a", "b", None, "d"], pa.string_view()),
    )


def lists():
    values = [[1, 2], None, [], [3, None, 5]]
    item = pa.int32()
    return batch(
        list=column(values, pa.list_(item)),
        large_list=column(values, pa.large_list(item)),
        fixed_list=column([[1, 2], None, [3, None], [5, 6]], pa.list_(item, 2)),
        map=column([[("a", 1)], None, [], [("b", 2), ("c", None)]], pa.map_(pa.utf8(), item)),
        list_of_text=column([["x"], None, [None, "yz"], []], pa.list_(pa.utf8())),
    )


def list_views():
    values = [[1, 2], None, [], [3, None, 5]]
    overlapping = pa.ListViewArray.from_arrays([2, 0, 1, 3], [2, 3, 0, 1], pa.array(range(4)))
    return batch(
        list_view=column(values, pa.list_view(pa.int32())),
        large_list_view=column(values, pa.large_list_view(pa.int32())),
        overlapping=overlapping,
    )


def structs():
    inner = pa.struct([("x", pa.int32()), ("y", pa.utf8())])
    outer = pa.struct([("inner", inner), ("list", pa.list_(inner))])
    rows = [
        {"inner": {"x": 1, "y": "a"}, "list": [{"x": 2, "y": None}, None]},
        None,
        {"inner": None, "list": None},
        {"inner": {"x": None, "y": "d"}, "list": []},
    ]
    empty = pa.StructArray.from_arrays([], fields=[], mask=pa.array([False, True, False, False]))
    return batch(struct=column(rows, outer), empty=empty)


def unions():
    types = pa.array([0, 1, 0, 1], pa.int8())
    number, text = column([1, 2, 3, None], pa.int32()), column(["a", "b", None, "d"], pa.utf8())
    offsets = pa.array([0, 0, 1, 1], pa.int32())
    codes = pa.array([5, 7, 5, 7], pa.int8())
    return batch(
        sparse=pa.UnionArray.from_sparse(types, [number, text]),
        dense=pa.UnionArray.from_dense(types, offsets, [number[:2], text[:2]]),
        coded=pa.UnionArray.from_dense(codes, offsets, [number[:2], text[:2]], type_codes=[5, 7]),
    )


def run_ends():
    columns = {}
    for bits in (16, 32, 64):
        ends = pa.array([2, 5, 6], getattr(pa, f"int{bits}")())
        columns[f"ends{bits}"] = pa.RunEndEncodedArray.from_arrays(ends, pa.array(["a", None, "c"]))
    return batch(**columns)


def words_by(*bits):
    """Words in dictionaries, by signed and unsigned indices of these widths."""
    columns = {}
    for width in bits:
        for sign in ("int", "uint"):
            index = pa.array([0, 1, None, 1], getattr(pa, f"{sign}{width}")())
            columns[f"{sign}{width}"] = pa.DictionaryArray.from_arrays(index, pa.array(["a", "b"]))
    return columns


def dictionaries():
    nested = pa.DictionaryArray.from_arrays(
        pa.array([1, 0, None, 1], pa.int8()),
        pa.array([[1, 2], None], pa.list_(pa.int64())),
    )
    inner = pa.DictionaryArray.from_arrays(pa.array([0, 1, 1], pa.int8()), pa.array(["x", "y"]))
    twice = pa.DictionaryArray.from_arrays(
        pa.array([2, None, 0, 1], pa.int8()),
        pa.StructArray.from_arrays([inner, pa.array([1, 2, 3])], ["word", "count"]),
    )
    lists = pa.ListArray.from_arrays(pa.array([0, 1, 1, 3, 3], pa.int32()), inner)
    return batch(**words_by(8, 16, 32), nested=nested, twice=twice, in_list=lists)


def growing():
    """Batches whose dictionary gets longer, and in the end another one."""
    for words in (["a", "b"], ["a", "b", "c"], ["a", "b", "c", "d"], ["z"]):
        last = len(words) - 1
        index = pa.array([0, None, last], pa.int32())
        yield batch(word=pa.DictionaryArray.from_arrays(index, pa.array(words)))


class Celsius(pa.ExtensionType):
    """A type that only this file knows."""

    def __init__(self):
        super().__init__(pa.float64(), "tinyflight.celsius")

    def __arrow_ext_serialize__(self):
        return b"parameters"

    @classmethod
    def __arrow_ext_deserialize__(cls, storage, serialized):
        return cls()


def extensions():
    storage = column([36.6, None], pa.float64())
    ids = column([b"0123456789abcdef", None], pa.binary(16))
    fields = [
        pa.field("celsius", Celsius(), metadata={"unit": "°C"}),
        pa.field("uuid", pa.uuid(), nullable=True),
    ]
    schema = pa.schema(fields, metadata={"title": "all that is added", "": ""})
    columns = [
        pa.ExtensionArray.from_storage(Celsius(), storage),
        pa.ExtensionArray.from_storage(pa.uuid(), ids),
    ]
    return pa.record_batch(columns, schema=schema)


def all_types():
    """Four rows of nearly everything, for compression."""
    parts = [views(), lists(), list_views(), structs(), unions(), dictionaries()]
    columns = {
        f"{name}{index}": column
        for index, part in enumerate(parts)
        for name, column in zip(part.schema.names, part.columns)
    }
    return batch(**columns)


def long_columns():
    """Enough rows for compression to make them smaller."""
    return batch(
        number=pa.array(range(400), pa.int64()),
        text=pa.array(["the same text"] * 400),
        nullable=pa.array([None, 1] * 200, pa.int16()),
    )


def nested(depth):
    array = pa.array([1, None, 3], pa.int8())
    for level in range(depth - 1):
        array = pa.StructArray.from_arrays([array], [f"level{level}"])
    return batch(deep=array)


def main():
    simple = dict(
        numbers=numbers(), times=times(), texts=texts(), views=views(), lists=lists(),
        list_views=list_views(), structs=structs(), unions=unions(), run_ends=run_ends(),
        dictionaries=dictionaries(), wide_indices=batch(**words_by(64)),
        extensions=extensions(),
    )
    for name, one in simple.items():
        write(name, [one])
        sliced = one.slice(1, one.num_rows - 1)
        write(f"{name}_sliced", [one, sliced, one.slice(1, 0)])
    write("empty_stream", [], schema=texts().schema)
    write("zero_rows", [all_types().slice(0, 0)])
    write("zero_columns", [pa.record_batch([], schema=pa.schema([]))])
    rows = pa.array([{}] * 7, pa.struct([]))
    write("rows_without_columns", [pa.RecordBatch.from_struct_array(rows)])
    write("deltas", growing(), schema=next(growing()).schema, emit_dictionary_deltas=True)
    write("replacements", growing(), schema=next(growing()).schema)
    for codec in ("lz4", "zstd"):
        write(f"all_types_{codec}", [all_types()], compression=codec)
        write(f"long_{codec}", [long_columns(), long_columns().slice(3, 9)], compression=codec)
    v4 = pa.ipc.MetadataVersion.V4
    write("v4", [all_types()], metadata_version=v4)
    write("v4_run_ends", [run_ends()], metadata_version=v4)
    write("deep", [nested(60)])


main()
