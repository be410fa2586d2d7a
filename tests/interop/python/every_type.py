"""One array of every type that pyarrow can make, each with a null where it can have one,
and with the values at which a type begins, ends and surprises."""

import decimal
import struct
import uuid

import numpy as np
import pyarrow as pa

ROWS = 11
WORDS = ["", "a", None, "Ωmega 🐚", "x" * 40, "twelve bytes", "thirteen byte", "\0", "quakes", None, "z"]
BYTES = [b"", b"\xff", None, b"\x80\x00", bytes(range(256)), b"twelve bytes", b"thirteen byte", b"\0", b"q", None, b"z"]
DIGITS = [0, 1, -1, None, 10, -999, 999, 5, None, -5, 100]
DAYS = [0, 1, -1, None, 2**31 - 1, -(2**31), 19_000, 7, None, -719_162, 2_932_896]
TICKS = [0, 1, -1, None, 2**63 - 1, -(2**63), 1_700_000_000, 7, None, -7, 10**15]
CLOCK = [0, 1, 86_399, None, 43_200, 59, 3600, 7, None, 8, 9]
LENGTHS = [2, 0, 3, 1, 0, 4, 1, 2, 0, 1, 5]
NULL_ROWS = [row in (3, 8) for row in range(ROWS)]


def each(make, values):
    """What is made of each value that is there."""
    return [None if value is None else make(value) for value in values]


def integers(type_):
    """The least and the greatest value, and what lies between."""
    bits = type_.bit_width
    least, greatest = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if pa.types.is_signed_integer(type_) else (0, 2**bits - 1)
    return pa.array([least, greatest, 0, None, 1, 2, greatest - 1, least + 1, None, 100, 42], type_)


def from_bits(type_, code, values):
    """An array whose values have these bits, with the third and the last one null."""
    valid = sum(1 << row for row in range(len(values)) if row not in (2, len(values) - 1))
    data = struct.pack(f"<{len(values)}{code}", *values)
    return pa.Array.from_buffers(type_, len(values), [pa.py_buffer(struct.pack("<H", valid)), pa.py_buffer(data)])


def floats(type_, code, exponent, fraction):
    """Both zeros and infinities, NaNs of several payloads, the least and the greatest."""
    sign, infinity = 1 << (exponent + fraction), ((1 << exponent) - 1) << fraction
    quiet = infinity | 1 << (fraction - 1)
    bits = [0, sign, 5, infinity, sign | infinity, quiet, sign | quiet, quiet | 5, infinity | 1, 1, infinity - 1]
    return from_bits(type_, code, bits)


def decimals(type_):
    """As many digits as there can be, on both sides of zero."""
    context = decimal.Context(prec=100)
    most = 10**type_.precision - 1
    unscaled = [0, 1, -1, None, most, -most, 12, -12, None, 10, -10]
    return pa.array(each(lambda value: decimal.Decimal(value).scaleb(-type_.scale, context), unscaled), type_)


def cast(values, storage, type_):
    return pa.array(values, storage).view(type_)


def offsets(type_):
    """The offsets of lists of LENGTHS."""
    return pa.array(np.cumsum([0, *LENGTHS]), type_)


def items():
    return pa.array([None if item % 6 == 4 else item - 9 for item in range(sum(LENGTHS))], pa.int16())


def list_views(maker, integer):
    """Views that overlap, lie in another order, and leave items out."""
    starts = [5, 0, 1, 5, 9, 3, 0, 5, 2, 18, 0]
    sizes = [2, 5, 0, 2, 10, 4, 1, 1, 3, 1, 19]
    mask = pa.array(NULL_ROWS)
    return maker(pa.array(starts, integer), pa.array(sizes, integer), items(), mask=mask)


def run_ends(integer, values):
    return pa.RunEndEncodedArray.from_arrays(pa.array([1, 4, 5, 10, ROWS], integer), values)


def indices(type_, most=4):
    return pa.array([None if row in (2, 9) else row % most for row in range(ROWS)], type_)


def dictionary(index_type, values=("quakes", "Ωmega", "", "unused"), **options):
    return pa.DictionaryArray.from_arrays(indices(index_type, 3), pa.array(values), **options)


def union(maker, *offsets_, codes=None):
    """Rows of integers, texts and lists in turn."""
    codes = codes or [0, 1, 2]
    ids = pa.array([codes[row % 3] for row in range(ROWS)], pa.int8())
    children = [integers(pa.int32()), pa.array(WORDS), pa.array([[row, None] for row in range(ROWS)])]
    return maker(ids, *offsets_, children, ["n", "s", "l"], codes)


def dense_offsets():
    """Offsets into the children that skip some of their values."""
    return pa.array([row // 3 * 2 for row in range(ROWS)], pa.int32())


def struct_array(nullable=True):
    fields = [pa.field("n", pa.int32(), nullable), pa.field("s", pa.string(), nullable, {"origin": "a child"})]
    children = [integers(pa.int32()), pa.array(WORDS)]
    if not nullable:
        children = [child.fill_null(value) for child, value in zip(children, [0, ""])]
    return pa.StructArray.from_arrays(children, fields=fields, mask=pa.array(NULL_ROWS))


def extension(type_, storage):
    return pa.ExtensionArray.from_storage(type_, storage)


class Magnitude(pa.ExtensionType):
    """A type of our own, with a parameter."""

    def __init__(self):
        super().__init__(pa.float64(), "tinyflight.magnitude")

    def __arrow_ext_serialize__(self):
        return b"Richter"

    @classmethod
    def __arrow_ext_deserialize__(cls, storage_type, serialized):
        assert serialized == b"Richter"
        return cls()


pa.register_extension_type(Magnitude())

ARRAYS = {
    "null": pa.nulls(ROWS),
    "bool": pa.array([True, False, None, True, True, False, None, True, False, False, True]),
    **{str(type_): integers(type_) for type_ in [pa.int8(), pa.int16(), pa.int32(), pa.int64()]},
    **{str(type_): integers(type_) for type_ in [pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64()]},
    "float16": floats(pa.float16(), "H", 5, 10),
    "float32": floats(pa.float32(), "I", 8, 23),
    "float64": floats(pa.float64(), "Q", 11, 52),
    "all valid": pa.array(range(ROWS)),
    "all null": pa.array([None] * ROWS, pa.int64()),
    "string": pa.array(WORDS),
    "large_string": pa.array(WORDS, pa.large_string()),
    "string_view": pa.array(WORDS, pa.string_view()),
    "string_view, all inline": pa.array(each(lambda word: word[:3], WORDS), pa.string_view()),
    "string_view, many buffers": pa.array([str(row) * 20_000 for row in range(ROWS)], pa.string_view()),
    "binary": pa.array(BYTES),
    "large_binary": pa.array(BYTES, pa.large_binary()),
    "binary_view": pa.array(BYTES, pa.binary_view()),
    "binary(3)": pa.array(each(lambda word: (word + b"abc")[:3], BYTES), pa.binary(3)),
    "binary(0)": pa.array(each(lambda word: b"", BYTES), pa.binary(0)),
    "decimal32": decimals(pa.decimal32(9, 2)),
    "decimal64": decimals(pa.decimal64(18, 5)),
    "decimal128": decimals(pa.decimal128(38, 38)),
    "decimal128, negative scale": decimals(pa.decimal128(10, -3)),
    "decimal256": decimals(pa.decimal256(76, 10)),
    "date32": cast(DAYS, pa.int32(), pa.date32()),
    "date64": cast(each(lambda day: day * 86_400_000, DAYS), pa.int64(), pa.date64()),
    "time32[s]": cast(CLOCK, pa.int32(), pa.time32("s")),
    "time32[ms]": cast(CLOCK, pa.int32(), pa.time32("ms")),
    "time64[us]": cast(CLOCK, pa.int64(), pa.time64("us")),
    "time64[ns]": cast(CLOCK, pa.int64(), pa.time64("ns")),
    **{f"timestamp[{unit}]": cast(TICKS, pa.int64(), pa.timestamp(unit)) for unit in ["s", "ms", "us", "ns"]},
    **{f"timestamp[{unit}, UTC]": cast(TICKS, pa.int64(), pa.timestamp(unit, "UTC")) for unit in ["s", "ms", "us", "ns"]},
    "timestamp[us, Pacific/Fiji]": cast(TICKS, pa.int64(), pa.timestamp("us", "Pacific/Fiji")),
    "timestamp[us, +05:30]": cast(TICKS, pa.int64(), pa.timestamp("us", "+05:30")),
    "timestamp[us, a zone that is not there]": cast(TICKS, pa.int64(), pa.timestamp("us", "Nowhere/Ü")),
    **{f"duration[{unit}]": cast(TICKS, pa.int64(), pa.duration(unit)) for unit in ["s", "ms", "us", "ns"]},
    "month_day_nano_interval": pa.array(each(lambda n: pa.MonthDayNano([n, -n, n * 10**15]), DIGITS)),
    "list": pa.ListArray.from_arrays(offsets(pa.int32()), items(), mask=pa.array(NULL_ROWS)),
    "large_list": pa.LargeListArray.from_arrays(offsets(pa.int64()), items(), mask=pa.array(NULL_ROWS)),
    "list_view": list_views(pa.ListViewArray.from_arrays, pa.int32()),
    "large_list_view": list_views(pa.LargeListViewArray.from_arrays, pa.int64()),
    "fixed-size list": pa.FixedSizeListArray.from_arrays(pa.array([*DIGITS, *DIGITS]), 2, mask=pa.array(NULL_ROWS)),
    "fixed-size list of none": pa.array([None if null else [] for null in NULL_ROWS], pa.list_(pa.int8(), 0)),
    "list, items with a name and metadata": pa.array([[1, None]] * ROWS, pa.list_(pa.field("ü", pa.int8(), True, {"a": "b"}))),
    "list, items not nullable": pa.array([[1, 2]] * ROWS, pa.list_(pa.field("item", pa.int8(), False))),
    "list, all empty": pa.array([[]] * ROWS, pa.list_(pa.int64())),
    "struct": struct_array(),
    "struct, children not nullable": struct_array(nullable=False),
    "struct without children": pa.array([None if null else {} for null in NULL_ROWS], pa.struct([])),
    "struct, two children of one name": pa.StructArray.from_arrays([pa.array(DIGITS), pa.array(WORDS)], ["x", "x"]),
    "map": pa.array(each(lambda word: [(word, 1), (word, None)], WORDS), pa.map_(pa.string(), pa.int8())),
    "map, keys sorted": pa.array([[("a", 1)]] * ROWS, pa.map_(pa.string(), pa.int8(), keys_sorted=True)),
    "map, other names": pa.array([[(1, "a")]] * ROWS, pa.map_(pa.field("k", pa.int8(), False), pa.field("v", pa.string(), False))),
    "sparse union": union(pa.UnionArray.from_sparse),
    "sparse union, other codes": union(pa.UnionArray.from_sparse, codes=[5, 127, 0]),
    "dense union": union(pa.UnionArray.from_dense, dense_offsets()),
    "dense union, other codes": union(pa.UnionArray.from_dense, dense_offsets(), codes=[5, 127, 0]),
    "run ends of 16 bits": run_ends(pa.int16(), pa.array(["a", None, "b", "", "c"])),
    "run ends of 32 bits": run_ends(pa.int32(), pa.array([1.5, None, 2.5, -0.0, 3.5])),
    "run ends of 64 bits": run_ends(pa.int64(), pa.array([[1], None, [2, 3], [], [4]])),
    **{f"dictionary, {type_} indices": dictionary(type_) for type_ in [pa.int8(), pa.int16(), pa.int32(), pa.int64()]},
    **{f"dictionary, {type_} indices": dictionary(type_) for type_ in [pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64()]},
    "dictionary, ordered": dictionary(pa.int8(), ordered=True),
    "dictionary with a null": dictionary(pa.int8(), ["a", None, "b"]),
    "dictionary of numbers": dictionary(pa.int8(), [1.5, -0.0, 2.5]),
    "dictionary of string views": dictionary(pa.int8(), pa.array(WORDS, pa.string_view())),
    "dictionary without values": pa.DictionaryArray.from_arrays(pa.nulls(ROWS, pa.int8()), pa.array([], pa.string())),
    "uuid": extension(pa.uuid(), pa.array([uuid.UUID(int=row).bytes for row in range(ROWS)], pa.binary(16))),
    "fixed_shape_tensor": extension(
        pa.fixed_shape_tensor(pa.int32(), [2, 3], ["row", "column"], [1, 0]),
        pa.FixedSizeListArray.from_arrays(pa.array(range(6 * ROWS), pa.int32()), 6),
    ),
    "json": extension(pa.json_(), pa.array(['{"a": 1}', "[]", None, "null", '"ü"', "1", "{}", "[1]", "2", None, "3"])),
    "bool8": extension(pa.bool8(), pa.array([0, 1, None, 2, -1, 0, 0, 1, 1, None, 0], pa.int8())),
    "opaque": extension(pa.opaque(pa.binary(), "geometry", "PostGIS"), pa.array(BYTES)),
    "an extension type of our own": extension(Magnitude(), floats(pa.float64(), "Q", 11, 52)),
    "opaque over a struct": extension(pa.opaque(struct_array().type, "pair", "ours"), struct_array()),
    "opaque over a dictionary": extension(pa.opaque(dictionary(pa.int8()).type, "word", "ours"), dictionary(pa.int8())),
}
