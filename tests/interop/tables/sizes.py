"""Tables that are large in one way or another."""

import numpy as np
import pyarrow as pa
from pyarrow import flight

from cases import add_case, case, equal, raises, run
from round_trip import DESCRIPTOR, NAME, round_trip

MB = 1_000_000


@case
def a_batch_of_100_mb(client):
    numbers = pa.array(np.random.default_rng(1964).random(100 * MB // 8))
    round_trip(client, [pa.record_batch({"x": numbers})])
    equal(client.flight.get_flight_info(DESCRIPTOR).total_records, 100 * MB // 8)


@case
def a_value_of_20_mb(client):
    round_trip(client, [pa.record_batch({"x": ["ü" * (10 * MB)], "y": [b"\xff" * 10]})])


@case
def five_thousand_columns(client):
    columns = {f"column {number}": [number, None, -number] for number in range(5000)}
    round_trip(client, [pa.record_batch(columns)] * 2)


@case
def two_thousand_batches(client):
    batches = [
        pa.record_batch({"n": pa.array(range(number, number + 100)), "s": [str(number)] * 100})
        for number in range(2000)
    ]
    round_trip(client, batches)
    equal(client.flight.get_flight_info(DESCRIPTOR).total_records, 200_000)


@case
def two_thousand_batches_of_one_row(client):
    round_trip(client, [pa.record_batch({"n": [number]}) for number in range(2000)])


@case
def a_million_rows_of_one_bit(client):
    bits = pa.array(np.random.default_rng(1964).random(MB) < 0.5)
    round_trip(client, [pa.record_batch({"x": bits}), pa.record_batch({"x": bits[3:999_999]})])


@case
def three_hundred_tables(client):
    names = [f"table {number:03}" for number in range(300)]
    for name in names:
        client.put_table(name, pa.table({"name": [name]}))
    equal(client.list_tables(), names)
    for name in names:
        equal(client.get_table(name).to_pydict(), {"name": [name]})


@case
def what_the_client_finds_too_large_is_written_in_parts(client):
    batch = pa.record_batch({"x": range(10_000)})
    with flight.connect(client.location, write_size_limit_bytes=50_000) as careful:
        writer, _ = careful.do_put(DESCRIPTOR, batch.schema)
        with writer:
            with raises(flight.FlightWriteSizeExceededError):
                writer.write_batch(batch)
            writer.write_batch(batch[:5000])
            writer.write_batch(batch[5000:])
    equal(client.get_table(NAME), pa.Table.from_batches([batch]))


# gRPC's own compression, by the numbers that its libraries have for its algorithms.
for number, name in {1: "deflate", 2: "gzip"}.items():

    def a_client_that_compresses(client, number):
        options = [("grpc.default_compression_algorithm", number)]
        table = pa.table({"x": range(300_000), "s": ["compressed"] * 300_000})
        with flight.connect(client.location, generic_options=options) as compressing:
            writer, _ = compressing.do_put(DESCRIPTOR, table.schema)
            with writer:
                writer.write_table(table)
            equal(client.get_table(NAME), table)
            equal(compressing.do_get(flight.Ticket(NAME)).read_all(), table)

    add_case(f"a client that compresses by {name}", a_client_that_compresses, number)


run()
