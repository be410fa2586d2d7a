"""Puts that their program gave up, and that pyarrow has ended for it. To the server they are
whole: pyarrow half-closes the stream, as it does after the last batch. A program that wants
the old table to stay has to know all its batches before it begins to put them."""

import pyarrow as pa

from cases import case, equal, run
from round_trip import DESCRIPTOR, NAME

OLD = pa.table({"n": [1, 2, 3]})
NEW = pa.table({"n": [4, 5]})


@case
def an_exception_in_a_with_block_ends_the_put(client):
    client.put_table(NAME, OLD)
    writer, _ = client.flight.do_put(DESCRIPTOR, NEW.schema)
    try:
        with writer:
            writer.write_table(NEW)
            raise ZeroDivisionError
    except ZeroDivisionError:
        equal(client.get_table(NAME), NEW)


@case
def a_writer_that_is_forgotten_ends_the_put(client):
    client.put_table(NAME, OLD)
    writer, reader = client.flight.do_put(DESCRIPTOR, NEW.schema)
    writer.write_table(NEW)
    del writer, reader
    equal(client.get_table(NAME), NEW)


run()
