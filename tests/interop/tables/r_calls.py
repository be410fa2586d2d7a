"""The calls that R's arrow package makes: flight_put, flight_get, list_flights and
flight_path_exists. R drives pyarrow, and names tables by paths."""

import traceback

import pyarrow as pa
from pyarrow import flight

from cases import add_case, case, equal, raises, run

TABLE = pa.table({"lat": [-20.42, -20.62], "stations": [41, 15]})
OTHER = pa.table({"lat": [-26.0], "stations": [43]})


def flight_put(client, table, *path):
    writer, _ = client.flight.do_put(flight.FlightDescriptor.for_path(*path), table.schema)
    writer.write_table(table)
    writer.close()


def flight_get(client, *path):
    info = client.flight.get_flight_info(flight.FlightDescriptor.for_path(*path))
    return client.flight.do_get(info.endpoints[0].ticket).read_all()


def list_flights(client):
    return [info.descriptor.path[0].decode() for info in client.flight.list_flights()]


def flight_path_exists(client, path):
    try:
        client.flight.get_flight_info(flight.FlightDescriptor.for_path(path))
    except Exception as error:
        # R has the error's text with its class, and looks for this word in it.
        if "ArrowKeyError" not in "".join(traceback.format_exception_only(error)):
            raise
        return False
    return True


@case
def a_table_put_by_path_is_got_by_path(client):
    flight_put(client, TABLE, "quakes")
    equal(flight_get(client, "quakes"), TABLE)


@case
def tables_are_listed_by_the_first_element_of_the_path(client):
    flight_put(client, TABLE, "quakes")
    flight_put(client, OTHER, "aftershocks")
    equal(list_flights(client), ["aftershocks", "quakes"])


@case
def the_overwrite_check_tells_whether_a_path_exists(client):
    equal(flight_path_exists(client, "quakes"), False)
    flight_put(client, TABLE, "quakes")
    equal(flight_path_exists(client, "quakes"), True)


@case
def an_unknown_path_is_a_key_error(client):
    with raises(pa.ArrowKeyError, 'Cannot find the table "quakes"'):
        flight_get(client, "quakes")
    assert issubclass(pa.ArrowKeyError, KeyError)


@case
def a_path_of_several_elements_is_one_name(client):
    flight_put(client, TABLE, "fiji", "quakes", "1964")
    equal(flight_get(client, "fiji", "quakes", "1964"), TABLE)
    equal(client.get_table("fiji/quakes/1964"), TABLE)
    [info] = client.flight.list_flights()
    equal(info.descriptor.path, [b"fiji", b"quakes", b"1964"])


@case
def a_command_and_a_path_name_one_table(client):
    client.put_table("quakes", TABLE)
    equal(flight_get(client, "quakes"), TABLE)
    flight_put(client, OTHER, "quakes")
    equal(client.get_table("quakes"), OTHER)
    equal(len(list(client.flight.list_flights())), 1)


@case
def the_descriptor_is_reported_as_it_was_put(client):
    flight_put(client, TABLE, "quakes")
    command = flight.FlightDescriptor.for_command("quakes")
    equal(client.flight.get_flight_info(command).descriptor, flight.FlightDescriptor.for_path("quakes"))
    client.put_table("quakes", TABLE)
    path = flight.FlightDescriptor.for_path("quakes")
    equal(client.flight.get_flight_info(path).descriptor, command)


@case
def a_slash_in_the_only_element_separates_like_any_other(client):
    flight_put(client, TABLE, "fiji/quakes")
    equal(flight_get(client, "fiji", "quakes"), TABLE)


def paths_stay_apart(client, path, other):
    flight_put(client, TABLE, *path)
    flight_put(client, OTHER, *other)
    equal(flight_get(client, *path), TABLE)
    equal(flight_get(client, *other), OTHER)
    equal(len(list(client.flight.list_flights())), 2)


for path, other in [
    (["a", "b/c"], ["a/b", "c"]),
    (["a", "b%2Fc"], ["a", "b/c"]),
    (["a%", "b"], ["a%25", "b"]),
    (["a", ""], ["a"]),
    (["", "a"], ["a"]),
    (["", ""], ["/", ""]),
    ([" a"], ["a"]),
    (["ü"], ["u\u0308"]),
]:
    add_case(f"the paths {path} and {other} are two tables", paths_stay_apart, path, other)

run()
