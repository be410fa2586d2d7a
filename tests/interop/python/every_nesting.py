"""Every type inside another one: for each type that can have children, one array for each
type that it can have inside."""

import pyarrow as pa

from every_type import ARRAYS, NULL_ROWS, ROWS, extension, offsets

STARTS = [0, 3, 3, 1, 8, 0, 5, 2, 10, 0, 4]
SIZES = [2, 0, 5, 1, 3, 11, 0, 4, 1, 0, 7]
INDICES = pa.array([0, 10, None, 5, 5, 1, 2, 3, 9, None, 4], pa.int8())
MASK = pa.array(NULL_ROWS)
IDS = pa.array([row % 2 for row in range(ROWS)], pa.int8())
TWICE = pa.array([row // 2 for row in range(ROWS)], pa.int32())


def thrice(array):
    """As many values as the lists of `offsets` have."""
    return pa.concat_arrays([array, array, array])


def struct(array):
    return pa.StructArray.from_arrays([array, pa.array(range(ROWS))], ["x", "row"], mask=MASK)


def map_(array):
    keys = pa.array([str(row) for row in range(3 * ROWS)])
    return pa.MapArray.from_arrays(offsets(pa.int32()), keys, thrice(array), mask=MASK)


def run_ends(array):
    return pa.RunEndEncodedArray.from_arrays(pa.array(range(2, 2 * ROWS + 1, 2), pa.int32()), array)[3 : ROWS + 3]


NESTINGS = {
    "list": lambda array: pa.ListArray.from_arrays(offsets(pa.int32()), thrice(array), mask=MASK),
    "large list": lambda array: pa.LargeListArray.from_arrays(offsets(pa.int64()), thrice(array), mask=MASK),
    "list view": lambda array: pa.ListViewArray.from_arrays(pa.array(STARTS, pa.int32()), pa.array(SIZES, pa.int32()), array),
    "fixed-size list": lambda array: pa.FixedSizeListArray.from_arrays(thrice(array), 3, mask=MASK),
    "struct": struct,
    "map": map_,
    "sparse union": lambda array: pa.UnionArray.from_sparse(IDS, [array, pa.array(range(ROWS))]),
    "dense union": lambda array: pa.UnionArray.from_dense(IDS, TWICE, [array, pa.array(range(ROWS))]),
    "run-end encoding": run_ends,
    "dictionary": lambda array: pa.DictionaryArray.from_arrays(INDICES, array),
    "extension type": lambda array: extension(pa.opaque(array.type, "x", "ours"), array),
    "list of structs of lists": lambda array: NESTINGS["list"](struct(NESTINGS["list"](array)[:ROWS])),
}


# pyarrow aborts, or writes what it cannot read, when it gets these.
IMPOSSIBLE = {
    "dictionary": (pa.DictionaryArray, pa.ExtensionArray),
    "extension type": pa.ExtensionArray,
}


def nested_arrays(nesting):
    """The arrays of this nesting, by the name of what is inside."""
    impossible = IMPOSSIBLE.get(nesting, ())
    inner = {name: array for name, array in ARRAYS.items() if not isinstance(array, impossible)}
    return {name: NESTINGS[nesting](array) for name, array in inner.items()}
