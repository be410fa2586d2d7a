"""Every type that pyarrow can make, each in a table of its own: a whole batch, slices
that begin and end inside a byte of bits, and one without rows."""

import pyarrow as pa

from cases import add_case, run
from every_type import ARRAYS
from round_trip import SLICES, round_trip


def type_goes_round(client, array):
    schema = pa.schema([pa.field("x", array.type)])
    round_trip(client, [pa.record_batch([array[rows]], schema) for rows in SLICES])


for name, array in ARRAYS.items():
    add_case(name, type_goes_round, array)

run()
