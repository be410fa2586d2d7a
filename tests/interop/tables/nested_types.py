"""Every type inside another one: one case for each type that can have children, with a
column for each type that it can have inside."""

import pyarrow as pa

from cases import add_case, run
from every_nesting import NESTINGS, nested_arrays
from round_trip import SLICES, round_trip


def nesting_goes_round(client, nesting):
    batch = pa.record_batch(nested_arrays(nesting))
    round_trip(client, [batch[rows] for rows in SLICES])


for nesting in NESTINGS:
    add_case(f"every type in a {nesting}", nesting_goes_round, nesting)

run()
