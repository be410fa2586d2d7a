"""A Flight server and a Flight client of pyarrow, which benchmarks drive.

    pyarrow_peer.py server           prints its port, and serves until it is killed
    pyarrow_peer.py client           reads commands from its input, a JSON line each,
                                     and answers each with a JSON line

With a folder behind the role they speak TLS: ca.pem, cert.pem and key.pem are in it.
"""

import json
import os
import pathlib
import sys
import threading
import time

import numpy as np
import pyarrow as pa
import pyarrow.flight as flight

COLUMNS = 8


class Certificates:
    """The certificate and key of a server, and who has issued it, from a folder."""

    def __init__(self, folder):
        for name in ["cert", "key", "ca"]:
            setattr(self, name, (pathlib.Path(folder) / f"{name}.pem").read_bytes())


class CacheServer(flight.FlightServerBase):
    """Keeps tables in memory, like TinyServer."""

    def __init__(self, certificates):
        tls = certificates and [(certificates.cert, certificates.key)]
        self.scheme = "grpc+tls" if tls else "grpc+tcp"
        super().__init__(f"{self.scheme}://127.0.0.1:0", tls_certificates=tls)
        self.tables = {}
        self.lock = threading.Lock()

    def info(self, name, table):
        endpoint = flight.FlightEndpoint(name, [f"{self.scheme}://127.0.0.1:{self.port}"])
        descriptor = flight.FlightDescriptor.for_command(name)
        return flight.FlightInfo(
            table.schema, descriptor, [endpoint], table.num_rows, table.nbytes
        )

    def do_put(self, context, descriptor, reader, writer):
        table = reader.read_all()
        with self.lock:
            self.tables[descriptor.command] = table

    def do_get(self, context, ticket):
        return flight.RecordBatchStream(self.tables[ticket.ticket])

    def get_flight_info(self, context, descriptor):
        return self.info(descriptor.command, self.tables[descriptor.command])

    def list_flights(self, context, criteria):
        for name, table in list(self.tables.items()):
            yield self.info(name, table)

    def do_action(self, context, action):
        with self.lock:
            del self.tables[action.body.to_pybytes()]
        return []


class Client:
    """Runs the commands, each with the time that it took."""

    def __init__(self, certificates):
        self.tables = {}
        self.clients = {}
        self.tls = {"tls_root_certs": certificates.ca} if certificates else {}

    def client(self, location):
        if location not in self.clients:
            self.clients[location] = flight.connect(location, **self.tls)
        return self.clients[location]

    def prepare(self, name, rows, batchRows):
        columns = [np.arange(rows, dtype=np.float64) + i for i in range(COLUMNS)]
        names = [f"c{i}" for i in range(COLUMNS)]
        table = pa.table(columns, names=names)
        batches = table.to_batches(max_chunksize=batchRows)
        self.tables[name] = pa.Table.from_batches(batches)
        return {}

    def put(self, location, name, count=1):
        table = self.tables[name]
        client = self.client(location)
        descriptor = flight.FlightDescriptor.for_command(name)
        started = time.perf_counter()
        for _ in range(count):
            writer, _ = client.do_put(descriptor, table.schema)
            with writer:
                writer.write_table(table)
        return {"seconds": time.perf_counter() - started}

    def get(self, location, name, count=1):
        client = self.client(location)
        started = time.perf_counter()
        first = None
        for _ in range(count):
            reader = client.do_get(flight.Ticket(name))
            batches = [reader.read_chunk().data]
            first = first or time.perf_counter() - started
            batches += [chunk.data for chunk in reader]
            table = pa.Table.from_batches(batches)
        seconds = time.perf_counter() - started
        assert table.num_rows == self.tables[name].num_rows
        return {"seconds": seconds, "first": first}

    def write(self, path, name):
        table = self.tables[name]
        started = time.perf_counter()
        with open(path, "wb") as file:
            with pa.ipc.new_stream(file, table.schema) as writer:
                writer.write_table(table)
            file.flush()
            os.fsync(file.fileno())
        return {"seconds": time.perf_counter() - started}

    def read(self, path):
        started = time.perf_counter()
        with pa.OSFile(path) as file, pa.ipc.open_stream(file) as reader:
            reader.read_all()
        return {"seconds": time.perf_counter() - started}

    def info(self, location, name, count=1):
        client = self.client(location)
        descriptor = flight.FlightDescriptor.for_command(name)
        started = time.perf_counter()
        for _ in range(count):
            client.get_flight_info(descriptor)
        return {"seconds": time.perf_counter() - started}

    def drop(self, location, name):
        list(self.client(location).do_action(flight.Action("drop_table", name.encode())))
        return {}


def serve(certificates):
    server = CacheServer(certificates)
    print(server.port, flush=True)
    server.serve()


def drive(certificates):
    client = Client(certificates)
    for line in sys.stdin:
        command = json.loads(line)
        result = getattr(client, command.pop("op"))(**command)
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    role, *folder = sys.argv[1:]
    {"server": serve, "client": drive}[role](Certificates(*folder) if folder else None)
