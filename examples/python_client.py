"""Puts a table on a server, lists what is there, and gets it back, with pyarrow.

Start a server (deno task serve), then: python examples/python_client.py
"""

import sys

import pyarrow as pa
import pyarrow.flight as flight

location = sys.argv[1] if len(sys.argv) > 1 else "grpc://localhost:5678"

with flight.connect(location) as client:
    quakes = pa.table({"place": ["Fiji", "Tonga"], "mag": [4.8, None]})
    descriptor = flight.FlightDescriptor.for_command("quakes")
    writer, _ = client.do_put(descriptor, quakes.schema)
    with writer:
        writer.write_table(quakes, max_chunksize=100_000)

    for info in client.list_flights():
        print(info.descriptor.command.decode(), info.total_records, info.total_bytes)

    # A reader gives the batches one by one; read_all() would give the whole table.
    for chunk in client.do_get(flight.Ticket("quakes")):
        print(chunk.data.to_pydict())

    list(client.do_action(flight.Action("drop_table", b"quakes")))
