"""What tables can be called, and what the server says of what they cannot."""

import pyarrow as pa
from pyarrow import flight

from cases import add_case, case, equal, raises, run

TABLE = pa.table({"n": [1, 2, 3]})
MAX_BYTES = 16 * 1024

NAMES = {
    "a slash": "fiji/quakes",
    "slashes only": "///",
    "a slash at the end": "quakes/",
    "dots": "../quakes",
    "spaces": " the quakes of  Fiji ",
    "a space only": " ",
    "letters of other scripts": "ｑ地震🐚Ωمز",
    "a combining mark": "u\u0308",
    "quotes": "\"quakes\" 'quakes' `quakes`",
    "newlines": "quakes\r\nof\tFiji\n",
    "a zero character": "qua\0kes",
    "a percent sign": "100%25",
    "a byte order mark": "\ufeffquakes",
    "brackets": "<quakes> {quakes} [quakes]",
    "a question mark": "quakes?limit=5#3",
    "a backslash": "C:\\quakes",
    "what JavaScript has in every object": "__proto__",
    "10 kB": "q" * 10_000,
    "the most bytes": "ü" * (MAX_BYTES // 2),
}


def name_goes_round(client, name):
    client.put_table(name, TABLE)
    equal(client.list_tables(), [name])
    equal(client.get_table(name), TABLE)
    path = flight.FlightDescriptor.for_path(name)
    equal(client.flight.get_flight_info(path).total_records, 3)
    client.drop_table(name)
    equal(client.list_tables(), [])


def unknown_name_is_a_key_error(client, name):
    with raises(pa.ArrowKeyError, "Cannot find the table"):
        client.get_table(name)
    with raises(pa.ArrowKeyError, "Cannot find the table"):
        client.drop_table(name)
    with raises(pa.ArrowKeyError, "Cannot find the table"):
        client.flight.get_flight_info(flight.FlightDescriptor.for_command(name))


for title, name in NAMES.items():
    add_case(f"a name with {title}", name_goes_round, name)
    add_case(f"an unknown name with {title}", unknown_name_is_a_key_error, name)


def descriptor_is_invalid(client, reason, descriptor):
    with raises(pa.ArrowInvalid, reason):
        client.flight.get_flight_info(descriptor)
    with raises(pa.ArrowInvalid, reason):
        client.flight.get_schema(descriptor)
    with raises(pa.ArrowInvalid, reason):
        writer, _ = client.flight.do_put(descriptor, TABLE.schema)
        with writer:
            writer.write_table(TABLE)
    equal(client.list_tables(), [])


def ticket_is_invalid(client, reason, name):
    with raises(pa.ArrowInvalid, reason):
        client.get_table(name)
    with raises(pa.ArrowInvalid, reason):
        client.drop_table(name)


for title, name, reason in [
    ("is empty", b"", "at least one character"),
    ("is not UTF-8", b"quakes \xff", "UTF-8"),
    ("has half a surrogate pair", b"\xed\xa0\x80", "UTF-8"),
    ("is too long", b"q" * (MAX_BYTES + 1), f"more than {MAX_BYTES}"),
]:
    command = flight.FlightDescriptor.for_command(name)
    path = flight.FlightDescriptor.for_path(name)
    add_case(f"a command that {title} is invalid", descriptor_is_invalid, reason, command)
    add_case(f"a path that {title} is invalid", descriptor_is_invalid, reason, path)
    add_case(f"a ticket that {title} is invalid", ticket_is_invalid, reason, name)


@case
def a_path_without_elements_is_invalid(client):
    with raises(pa.ArrowInvalid, "at least one character"):
        client.flight.get_flight_info(flight.FlightDescriptor.for_path())


@case
def a_path_that_is_too_long_only_as_a_whole_is_invalid(client):
    half = "q" * (MAX_BYTES // 2)
    with raises(pa.ArrowInvalid, f"more than {MAX_BYTES}"):
        client.flight.get_flight_info(flight.FlightDescriptor.for_path(half, half))


@case
def a_criterion_that_is_not_utf8_is_invalid(client):
    with raises(pa.ArrowInvalid, "UTF-8"):
        list(client.flight.list_flights(b"\xff"))


@case
def names_are_listed_in_the_same_order_each_time(client):
    names = ["b", "a/b", "a", "ü", "B", "10", "9", "🐚", "ｑ"]
    for name in names:
        client.put_table(name, TABLE)
    first = client.list_tables()
    equal(sorted(first), sorted(names))
    equal(client.list_tables(), first)


run()
