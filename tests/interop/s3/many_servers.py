"""Clients that put, get, list and drop the same tables through several servers.

    many_servers.py SECONDS CLIENTS LOCATION...

Prints one line of JSON: how many calls of each kind were made, the seconds of the
slowest, the bytes that were read, and everything that was not as it should be.
"""

import collections
import json
import random
import sys
import threading
import time
import traceback

import numpy as np
import pyarrow as pa
from pyarrow import flight

NAMES = ["small", "medium", "large"]
# Of 8 bytes a row; the largest table is larger than a part of an upload.
ROWS = {"small": 1_000, "medium": 50_000, "large": 300_000}
BATCHES = 6


def version(name, number):
    """A table in which each value is this number."""
    column = np.full(ROWS[name], number)
    return pa.table({"n": pa.chunked_array([column] * BATCHES)})


class Worker:
    """One client, whose calls go to one server after the other."""

    def __init__(self, seed, locations, stop):
        self.random = random.Random(seed)
        self.clients = [flight.connect(location) for location in locations]
        self.stop = stop
        self.calls = collections.Counter()
        self.bytes = 0
        self.slowest = collections.Counter()
        self.errors = []
        self.number = seed * 1_000_000

    def run(self):
        try:
            while not self.stop.is_set():
                action = self.random.choices(
                    [self.get, self.put, self.info, self.list, self.drop],
                    [60, 20, 10, 8, 2],
                )[0]
                client = self.random.choice(self.clients)
                kind = action.__name__
                started = time.perf_counter()
                try:
                    action(client, self.random.choice(NAMES))
                    self.calls[kind] += 1
                except KeyError:
                    # Another client has dropped it.
                    self.calls["not found"] += 1
                taken = time.perf_counter() - started
                self.slowest[kind] = max(self.slowest[kind], taken)
        except Exception:
            self.errors.append(traceback.format_exc())
            self.stop.set()

    def put(self, client, name):
        self.number += 1
        table = version(name, self.number)
        descriptor = flight.FlightDescriptor.for_command(name)
        writer, _ = client.do_put(descriptor, table.schema)
        with writer:
            writer.write_table(table)

    def get(self, client, name):
        table = client.do_get(flight.Ticket(name)).read_all()
        number = table.column("n")[0].as_py()
        assert table.equals(version(name, number)), f"parts of version {number} of {name}"
        self.bytes += table.nbytes

    def info(self, client, name):
        info = client.get_flight_info(flight.FlightDescriptor.for_command(name))
        assert info.total_records == BATCHES * ROWS[name], info.total_records

    def list(self, client, _):
        for info in client.list_flights():
            assert info.descriptor.command.decode() in NAMES

    def drop(self, client, name):
        list(client.do_action(flight.Action("drop_table", name.encode())))


def main(seconds, clients, *locations):
    stop = threading.Event()
    workers = [Worker(seed, locations, stop) for seed in range(int(clients))]
    for name in NAMES:
        workers[0].put(workers[0].clients[0], name)
    threads = [threading.Thread(target=worker.run) for worker in workers]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    stop.wait(float(seconds))
    stop.set()
    for thread in threads:
        thread.join()
    print(json.dumps({
        "seconds": time.perf_counter() - started,
        "calls": sum((worker.calls for worker in workers), collections.Counter()),
        "bytes": sum(worker.bytes for worker in workers),
        "slowest": {
            kind: max(worker.slowest[kind] for worker in workers)
            for kind in workers[0].slowest
        },
        "errors": [error for worker in workers for error in worker.errors],
    }))


main(*sys.argv[1:])
