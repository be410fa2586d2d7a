"""Tables that many threads replace and read at the same time: each get gives one version,
whole. TINYFLIGHT_SECONDS says for how long; 10 is the default."""

import collections
import os
import random
import threading
import time

import numpy as np
import pyarrow as pa
from pyarrow import flight

from cases import case, equal, run
from tiny_client import TinyClient

THREADS = 16
NAMES = ["a", "b", "c", "d"]
SECONDS = float(os.environ.get("TINYFLIGHT_SECONDS", "10"))


def table_of(version):
    """A table whose batches, rows and values all follow from its version."""
    rows = 1 + version * 7919 % 5000
    batch = pa.record_batch(
        [np.full(rows, version), pa.array([f"v{version}"] * rows)], ["version", "text"]
    )
    return pa.Table.from_batches([batch] * (1 + version % 9))


def check(table):
    version = table["version"][0].as_py()
    if not table.equals(table_of(version)):
        raise AssertionError(f"a table of {table.num_rows} rows is not version {version}")


def put(client, name):
    client.put_table(name, table_of(random.randrange(1000)))


def get(client, name):
    check(client.get_table(name))


def info(client, name):
    descriptor = flight.FlightDescriptor.for_command(name)
    equal(len(client.flight.get_flight_info(descriptor).endpoints), 1)


def list_all(client, name):
    equal(set(client.list_tables()) - set(NAMES), set())


def drop(client, name):
    client.drop_table(name)


# Gets and puts are what there is most of.
ACTIONS = [put] * 4 + [get] * 6 + [info, list_all, drop]


@case
def sixteen_threads_replace_and_read_versions(client):
    until = time.monotonic() + SECONDS
    counts = collections.Counter()
    failures = []

    def work():
        with TinyClient(client.location) as own:
            while time.monotonic() < until and not failures:
                action = random.choice(ACTIONS)
                try:
                    action(own, random.choice(NAMES))
                    counts[action.__name__] += 1
                except KeyError:
                    counts["not found"] += 1
                except Exception as error:
                    failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for failure in failures:
        raise failure
    if min(counts[action.__name__] for action in ACTIONS) < 10:
        raise AssertionError(f"too little was done: {counts}")


run()
