"""Buffers that are received lie where views of any type can be put on them.

Messages of more than 64 KiB, that is: gRPC gives smaller ones as a part of what it
has read from the socket, wherever that is in memory.
"""

import pyarrow as pa

from cases import case, equal, run

BATCHES = 50


def addresses(table):
    return [
        buffer.address
        for column in table.columns
        for chunk in column.chunks
        for buffer in chunk.buffers()
        if buffer is not None and buffer.size > 0
    ]


@case
def buffers_start_at_multiples_of_8(client):
    for rows in [10_000, 100_000]:
        batch = pa.record_batch({
            "whole": pa.array([None, *range(1, rows)], pa.int64()),
            "real": pa.array([0.5] * rows),
            "text": pa.array([f"text {row}" for row in range(rows)]),
        })
        client.put_table("aligned", pa.Table.from_batches([batch] * BATCHES))
        found = addresses(client.get_table("aligned"))
        equal(len(found), 5 * BATCHES)
        equal([address % 8 for address in found], [0] * len(found))


run()
