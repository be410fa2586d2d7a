"""Several calls at the same time: each get has one whole version of its table."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa
from pyarrow import flight

from cases import case, equal, run
from round_trip import get_batches
from tiny_client import TinyClient

THREADS = 16
ROUNDS = 12
BATCHES = 5


def version(number):
    """A table in which each value is this number."""
    column = np.full(10_000, number)
    return pa.table({"n": pa.chunked_array([column] * BATCHES)})


def check_version(table):
    """Raises unless the table is one whole version; gives its number."""
    number = table.column("n")[0].as_py()
    assert table.equals(version(number)), f"parts of version {number}, and of others"
    return number


def in_threads(work):
    """Runs the work in each of the threads, all at once, and raises what they raise."""
    start = threading.Barrier(THREADS)

    def run_work(thread):
        start.wait()
        return work(thread)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run_work, range(THREADS)))


@case
def each_thread_puts_and_gets_a_table_of_its_own(client):
    def work(thread):
        with TinyClient(client.location) as own:
            for number in range(ROUNDS):
                own.put_table(f"table {thread}", version(thread * ROUNDS + number))
                equal(check_version(own.get_table(f"table {thread}")), thread * ROUNDS + number)

    in_threads(work)
    equal(len(client.list_tables()), THREADS)


@case
def the_threads_share_one_connection(client):
    def work(thread):
        for number in range(ROUNDS):
            client.put_table(f"table {thread}", version(number))
            equal(check_version(client.get_table(f"table {thread}")), number)

    in_threads(work)


@case
def all_threads_put_and_get_one_table(client):
    client.put_table("shared", version(-1))

    def work(thread):
        with TinyClient(client.location) as own:
            for number in range(ROUNDS):
                if thread % 2 == 0:
                    own.put_table("shared", version(thread * ROUNDS + number))
                else:
                    check_version(own.get_table("shared"))

    in_threads(work)
    last = check_version(client.get_table("shared"))
    equal((last + 1) % ROUNDS, 0)
    equal(client.list_tables(), ["shared"])


@case
def of_many_drops_one_succeeds(client):
    client.put_table("shared", version(0))

    def work(_):
        try:
            client.drop_table("shared")
        except pa.ArrowKeyError:
            return 0
        return 1

    equal(sum(in_threads(work)), 1)


@case
def a_get_reads_the_version_with_which_it_began(client):
    column = np.zeros(2_000_000)
    old = pa.table({"n": pa.chunked_array([column] * 10)})
    client.put_table("shared", old)
    reader = client.flight.do_get(flight.Ticket("shared"))
    first = reader.read_chunk().data
    client.put_table("shared", version(1))
    client.drop_table("shared")
    equal(pa.Table.from_batches([first, *(chunk.data for chunk in reader)]), old)


@case
def a_table_appears_only_when_its_put_has_ended(client):
    table = version(0)
    descriptor = flight.FlightDescriptor.for_command("shared")
    writer, _ = client.flight.do_put(descriptor, table.schema)
    with writer:
        writer.write_table(table)
        equal(client.list_tables(), [])
    check_version(client.get_table("shared"))


@case
def a_get_that_is_cancelled_does_no_harm(client):
    column = np.zeros(2_000_000)
    client.put_table("shared", pa.table({"n": pa.chunked_array([column] * 10)}))
    reader = client.flight.do_get(flight.Ticket("shared"))
    reader.read_chunk()
    reader.cancel()
    equal(len(get_batches(client, "shared")), 10)


run()
