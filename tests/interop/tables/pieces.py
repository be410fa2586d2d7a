"""Batches that are larger than a server sends come in pieces, which are equal in sum."""

import numpy as np
import pyarrow as pa
import pyarrow.flight as flight

from cases import case, equal, run

LIMIT = 4 * 1024 * 1024


def get_pieces(client, table):
    client.put_table("large", table)
    reader = client.flight.do_get(flight.Ticket("large"))
    pieces = [chunk.data for chunk in reader]
    back = pa.Table.from_batches(pieces, reader.schema)
    back.validate(full=True)
    equal(back.equals(table, check_metadata=True), True)
    return pieces


@case
def numbers(client):
    values = np.random.default_rng(1964).random(100_000_000 // 8)
    pieces = get_pieces(client, pa.table({"x": pa.array(values)}))
    assert max(piece.nbytes for piece in pieces) < LIMIT, len(pieces)


@case
def texts_and_nulls(client):
    texts = [None if i % 7 == 0 else f"text {i}" * (i % 9) for i in range(300_000)]
    table = pa.table({"t": texts, "v": pa.array(texts, pa.string_view())})
    pieces = get_pieces(client, table.combine_chunks())
    assert len(pieces) > 1, len(pieces)


@case
def lists_of_structs(client):
    rows = [[{"a": i, "b": str(i)}] * (i % 4) for i in range(200_000)]
    pieces = get_pieces(client, pa.table({"l": rows}))
    assert len(pieces) > 1, len(pieces)


run()
