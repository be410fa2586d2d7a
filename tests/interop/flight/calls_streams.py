"""Streams of protocol_server.ts, and streams to it."""

import threading

import pyarrow as pa
from pyarrow import flight, ipc

from cases import add_case, case, equal, raises, run

NUMBERS = [pa.record_batch({"n": pa.array(range(first, first + 10), pa.int32())}) for first in range(0, 50, 10)]
SCHEMA = NUMBERS[0].schema


def command(text):
    return flight.FlightDescriptor.for_command(text)


def put(client, text, schema=SCHEMA):
    return client.flight.do_put(command(text), schema)


def exchange(client, text):
    return client.flight.do_exchange(command(text))


def metadata(chunk):
    return None if chunk.app_metadata is None else chunk.app_metadata.to_pybytes()


def assert_numbers(table):
    equal(table.column("n").to_pylist(), list(range(50)))
    equal(table.schema.field("n").type, pa.int32())


def is_read(client, ticket):
    assert_numbers(client.flight.do_get(flight.Ticket(ticket)).read_all())


for ticket in ["numbers", "lz4", "zstd", "aligned", "pieces"]:
    add_case(f"the stream {ticket} is read", is_read, ticket)


@case
def a_get_has_metadata(client):
    chunks = list(client.flight.do_get(flight.Ticket("metadata")))
    equal([metadata(chunk) for chunk in chunks], [b"0", b"1", b"2", b"3", b"4"])
    equal([metadata(chunk) for chunk in client.flight.do_get(flight.Ticket("numbers"))], [None] * 5)


def dictionaries_are_read(client, ticket, dictionaries):
    reader = client.flight.do_get(flight.Ticket(ticket))
    for words in dictionaries:
        column = reader.read_chunk().data.column(0)
        equal(column.dictionary.to_pylist(), words)
        for row, word in enumerate(column.to_pylist()):
            assert word in (None, words[row % len(words)]), (row, word)
    with raises(StopIteration):
        reader.read_chunk()


add_case("a dictionary that grows is read", dictionaries_are_read, "growing", [["a", "b"], ["a", "b", "c"], list("abcde")])
add_case("a dictionary that changes is read", dictionaries_are_read, "replaced", [["a", "b"], ["c"], ["a", "b"]])


@case
def a_large_message_is_read(client):
    column = client.flight.do_get(flight.Ticket("large")).read_all().column("n")
    equal(len(column), 10_000_000)
    equal((column[0].as_py(), column[-1].as_py()), (7, 7))


@case
def a_large_message_is_put(client):
    batch = pa.record_batch({"n": pa.array([7.0] * 10_000_000)})
    writer, reader = put(client, "length", batch.schema)
    with writer:
        writer.write_batch(batch)
        writer.done_writing()
        equal(reader.read().to_pybytes(), b"none")
        equal(reader.read().to_pybytes(), b"10000000")


@case
def a_large_descriptor_goes_round(client):
    cmd = b"x" * 80_000_000
    info = client.flight.get_flight_info(command(cmd))
    equal(info.total_records, 80_000_000)
    equal(info.descriptor.command, cmd)


@case
def a_large_action_goes_round(client):
    body = bytes(range(256)) * 300_000
    [result] = client.flight.do_action(flight.Action("echo", body))
    assert result.body.to_pybytes() == body


@case
def the_results_of_a_put_come_while_it_is_written(client):
    writer, reader = put(client, "x")
    with writer:
        for number, batch in enumerate(NUMBERS):
            writer.write_with_metadata(batch, str(number).encode())
            equal(reader.read().to_pybytes(), str(number).encode())
        writer.write_metadata(b"alone")
        equal(reader.read().to_pybytes(), b"alone")
        writer.done_writing()
        equal(reader.read(), None)


@case
def the_results_of_a_put_come_before_and_after_the_batches(client):
    writer, reader = put(client, "first and last")
    with writer:
        equal(reader.read().to_pybytes(), b"before all")
        for batch in NUMBERS:
            writer.write_batch(batch)
        writer.done_writing()
        equal(reader.read().to_pybytes(), b"after 50 rows")
        equal(reader.read(), None)


@case
def the_results_of_a_put_that_nobody_reads_do_no_harm(client):
    writer, _ = put(client, "x")
    for batch in NUMBERS * 100:
        writer.write_with_metadata(batch, b"m" * 1000)
    writer.close()


@case
def an_exchange_gets(client):
    writer, reader = exchange(client, "get")
    with writer:
        writer.done_writing()
        assert_numbers(reader.read_all())


@case
def an_exchange_puts(client):
    writer, reader = exchange(client, "put")
    with writer:
        writer.begin(SCHEMA)
        for batch in NUMBERS:
            writer.write_batch(batch)
        writer.done_writing()
        chunk = reader.read_chunk()
        equal((chunk.data, metadata(chunk)), (None, b"5 batches, 50 rows"))


@case
def an_exchange_echoes_in_lock_step(client):
    writer, reader = exchange(client, "echo")
    with writer:
        for text in [b"1", b"2"]:
            writer.write_metadata(text)
            chunk = reader.read_chunk()
            equal((chunk.data, metadata(chunk)), (None, text))
        writer.begin(SCHEMA)
        equal(reader.schema, SCHEMA)
        for number, batch in enumerate(NUMBERS):
            writer.write_with_metadata(batch, str(number).encode())
            chunk = reader.read_chunk()
            assert chunk.data.equals(batch)
            equal(metadata(chunk), str(number).encode())
        writer.write_batch(NUMBERS[0])
        equal(metadata(reader.read_chunk()), None)
        writer.done_writing()
        with raises(StopIteration):
            reader.read_chunk()


@case
def an_exchange_transforms(client):
    writer, reader = exchange(client, "transform")
    with writer:
        writer.begin(SCHEMA)
        for batch in NUMBERS:
            writer.write_with_metadata(batch, b"said")
            chunk = reader.read_chunk()
            equal(chunk.data.column(0).to_pylist(), [2 * value for value in batch.column(0).to_pylist()])
            equal(metadata(chunk), b"SAID")
        writer.done_writing()


@case
def an_exchange_is_written_and_read_by_two_threads(client):
    writer, reader = exchange(client, "transform")
    found = []

    def read():
        for chunk in reader:
            found.extend(chunk.data.column(0).to_pylist())

    with writer:
        writer.begin(SCHEMA, ipc.IpcWriteOptions(compression="lz4"))
        thread = threading.Thread(target=read)
        thread.start()
        for _ in range(100):
            for batch in NUMBERS:
                writer.write_batch(batch)
        writer.done_writing()
        thread.join()
    equal(found, [2 * value for value in range(50)] * 100)


@case
def an_exchange_without_a_word_ends_well(client):
    writer, reader = exchange(client, "echo")
    with writer:
        writer.done_writing()
        with raises(StopIteration):
            reader.read_chunk()


def cancelled_calls(client):
    [result] = client.flight.do_action("cancelled")
    return result.body.to_pybytes().decode().split("\n")


@case
def a_get_is_cancelled(client):
    for ticket in ["endless", "hangs"]:
        reader = client.flight.do_get(flight.Ticket(ticket))
        for _ in range(3):
            reader.read_chunk()
        reader.cancel()
        with raises(flight.FlightCancelledError):
            while True:
                reader.read_chunk()
    # The server hears of it by itself, a moment after the client.
    while set(cancelled_calls(client)) < {"DoGet endless", "DoGet hangs"}:
        pass


@case
def a_get_that_is_forgotten_is_cancelled(client):
    before = cancelled_calls(client).count("DoGet endless")
    reader = client.flight.do_get(flight.Ticket("endless"))
    reader.read_chunk()
    del reader
    while cancelled_calls(client).count("DoGet endless") == before:
        pass


@case
def an_action_happens_though_nobody_reads_its_results(client):
    for _ in range(10):
        client.flight.do_action("count")
    while list(client.flight.do_action("counted"))[0].body.to_pybytes() != b"10":
        pass


@case
def an_action_has_as_many_results_as_it_gives(client):
    equal([result.body.to_pybytes() for result in client.flight.do_action(flight.Action("twice", b"x"))], [b"x", b"x"])
    equal(list(client.flight.do_action("nothing")), [])
    equal([result.body.to_pybytes() for result in client.flight.do_action("echo")], [b""])


@case
def a_hundred_calls_run_at_once(client):
    calls = [
        lambda: is_read(client, "numbers"),
        lambda: list(client.flight.do_action(flight.Action("echo", b"x"))),
        lambda: client.flight.get_flight_info(command("x")),
        lambda: an_exchange_transforms(client),
        lambda: the_results_of_a_put_come_while_it_is_written(client),
    ]
    errors = []

    def work(thread):
        for number in range(thread, 100, 16):
            try:
                calls[number % len(calls)]()
            except Exception as error:
                errors.append(error)

    threads = [threading.Thread(target=work, args=[number]) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    equal(errors, [])


run(has_tables=False)
