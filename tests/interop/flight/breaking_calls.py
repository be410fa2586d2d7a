"""Calls that do not come to an end, for broken_calls_interop.ts, which kills this process.

    python breaking_calls.py WAY LOCATION

Each way deals with the table "quakes", and in the end waits to be killed.
"""

import contextlib
import signal
import sys

import numpy as np
import pyarrow as pa
from pyarrow import flight

QUAKES = flight.FlightDescriptor.for_command("quakes")
SMALL = pa.record_batch({"n": np.arange(10.0)})
LARGE = pa.record_batch({"n": np.zeros(12_500_000)})


def put_until_the_deadline(client):
    """Puts a batch, and waits for an answer that the server has not to give yet."""
    options = flight.FlightCallOptions(timeout=3.0)
    writer, reader = client.do_put(QUAKES, SMALL.schema, options)
    writer.write_batch(SMALL)
    with contextlib.suppress(flight.FlightTimedOutError):
        reader.read()
    signal.pause()


def put_a_batch(client):
    writer, _ = client.do_put(QUAKES, SMALL.schema)
    writer.write_batch(SMALL)
    signal.pause()


def put_without_end(client):
    """Puts batches of 100 MB, so that it is in the middle of one whenever it is killed."""
    writer, _ = client.do_put(QUAKES, SMALL.schema)
    writer.write_batch(SMALL)
    while True:
        writer.write_batch(LARGE)


def get_a_batch(client):
    reader = client.do_get(flight.Ticket("quakes"))
    reader.read_chunk()
    print("got a batch", flush=True)
    signal.pause()


WAYS = [put_until_the_deadline, put_a_batch, put_without_end, get_a_batch]
{way.__name__: way for way in WAYS}[sys.argv[1]](flight.connect(sys.argv[2]))
