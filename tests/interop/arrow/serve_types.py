"""Serves a table of every type, alone and nested, for types_interop.ts.

    python serve_types.py LOCATION

An array of numbers is the table `int64`, and inside a list the table `list / int64`. These
actions take the names of two tables, or of a table and a file, as a JSON list:

    same [NAME, NAME]    fails unless both tables have the same schema and values
    save [NAME, PATH]    writes the table's IPC stream to the file
    load [NAME, PATH]    makes the file's IPC stream the table
"""

import json
import sys

import pyarrow as pa
from pyarrow import ipc

from every_nesting import NESTINGS, nested_arrays
from every_type import ARRAYS
from pyarrow_server import TableServer, serve
from round_trip import SLICES, assert_same_schema

BYTES_IN_METADATA = b"metadata that is not UTF-8"


def assert_same_values(found, table):
    """Raises unless the tables are valid, and have batches of the same sizes with the same
    values. They may differ in what does not show, such as the values under nulls."""
    found.validate(full=True)
    assert_same_schema(found.schema, table.schema)
    for column, expected in zip(found.columns, table.columns):
        # pyarrow's server passes over chunks without rows.
        sizes = [[len(chunk) for chunk in chunks.chunks if len(chunk) > 0] for chunks in (column, expected)]
        assert sizes[0] == sizes[1], sizes
        # A NaN inside another type does not equal itself, but looks the same.
        if not (
            bits(column).equals(bits(expected)) or repr(column.to_pylist()) == repr(expected.to_pylist())
        ):
            raise AssertionError(f"found {column}, expected {expected}")


def bits(column):
    """The column, or if it is one of floats, the integers that have the same bits."""
    if pa.types.is_floating(column.type):
        return column.combine_chunks().view(f"int{column.type.bit_width}")
    return column


class TypeServer(TableServer):
    """A server that has a table of every type from the start."""

    def __init__(self, location):
        super().__init__(location)
        arrays = dict(ARRAYS)
        for nesting in NESTINGS:
            for name, array in nested_arrays(nesting).items():
                arrays[f"{nesting} / {name}"] = array
        for name, array in arrays.items():
            batch = pa.record_batch({"x": array})
            self.tables[name.encode()] = pa.Table.from_batches(batch[rows] for rows in SLICES)
        bytes_in_metadata = pa.schema({"x": pa.int8()}, {b"\xff\xfe": b"\x80"})
        self.tables[BYTES_IN_METADATA] = pa.table({"x": [1]}, bytes_in_metadata)
        self.actions = {"same": self.same, "save": self.save, "load": self.load}

    def do_action(self, context, action):
        if action.type not in self.actions:
            return super().do_action(context, action)
        name, other = json.loads(action.body.to_pybytes())
        self.actions[action.type](name.encode(), other)
        return []

    def same(self, name, other):
        assert_same_values(self.tables[other.encode()], self.tables[name])

    def save(self, name, path):
        table = self.tables[name]
        with ipc.new_stream(path, table.schema) as writer:
            writer.write_table(table)

    def load(self, name, path):
        with pa.OSFile(path) as file:
            self.tables[name] = ipc.open_stream(file).read_all()


serve(TypeServer(sys.argv[1]))
