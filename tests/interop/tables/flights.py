"""What the server says of its tables and of itself."""

import pyarrow as pa
from pyarrow import flight

from cases import case, equal, raises, run
from tiny_client import TinyClient

SCHEMA = pa.schema([pa.field("n", pa.int64(), False, {"unit": "km"})], {"source": "USGS"})
TABLE = pa.table({"n": pa.chunked_array([[1, 2, 3], [4, 5]])}, SCHEMA)
QUAKES = flight.FlightDescriptor.for_command("quakes")


def read_flight(client, info):
    """Reads a flight as a client does that knows nothing of the server: each endpoint
    at one of its locations, or over the same connection when it has none."""
    tables = []
    for endpoint in info.endpoints:
        if endpoint.locations:
            with flight.connect(endpoint.locations[0]) as other:
                tables.append(other.do_get(endpoint.ticket).read_all())
        else:
            tables.append(client.flight.do_get(endpoint.ticket).read_all())
    return pa.concat_tables(tables)


@case
def a_flight_info_tells_the_schema(client):
    client.put_table("quakes", TABLE)
    info = client.flight.get_flight_info(QUAKES)
    assert info.schema.equals(SCHEMA, check_metadata=True)


@case
def a_flight_info_counts_the_rows(client):
    client.put_table("quakes", TABLE)
    equal(client.flight.get_flight_info(QUAKES).total_records, 5)


@case
def a_flight_info_counts_the_bytes(client):
    client.put_table("quakes", TABLE)
    total = client.flight.get_flight_info(QUAKES).total_bytes
    assert 5 * 8 < total < 2000, total
    client.put_table("quakes", pa.table({"n": range(100_000)}))
    total = client.flight.get_flight_info(QUAKES).total_bytes
    assert 800_000 < total < 802_000, total


@case
def a_flight_info_repeats_the_descriptor(client):
    client.put_table("quakes", TABLE)
    equal(client.flight.get_flight_info(QUAKES).descriptor, QUAKES)


@case
def a_ticket_is_the_name(client):
    client.put_table("Fidschi-Inseln ü", TABLE)
    [info] = client.flight.list_flights()
    equal([endpoint.ticket.ticket for endpoint in info.endpoints], ["Fidschi-Inseln ü".encode()])


@case
def a_fresh_client_reads_at_the_endpoint(client):
    client.put_table("quakes", TABLE)
    equal(read_flight(client, client.flight.get_flight_info(QUAKES)), TABLE)


@case
def a_flight_is_read_from_the_list(client):
    client.put_table("quakes", TABLE)
    [info] = client.flight.list_flights()
    equal(read_flight(client, info), TABLE)


@case
def a_listed_flight_is_what_get_flight_info_gives(client):
    client.put_table("quakes", TABLE)
    [info] = client.flight.list_flights()
    equal(info.serialize(), client.flight.get_flight_info(QUAKES).serialize())


@case
def get_schema_gives_the_schema(client):
    client.put_table("quakes", TABLE)
    schema = client.flight.get_schema(QUAKES).schema
    assert schema.equals(SCHEMA, check_metadata=True)


@case
def get_schema_of_an_unknown_table_is_a_key_error(client):
    with raises(pa.ArrowKeyError, 'Cannot find the table "quakes"'):
        client.flight.get_schema(QUAKES)


@case
def criteria_select_names_by_their_beginning(client):
    for name in ["quakes", "quakes/fiji", "air"]:
        client.put_table(name, TABLE)
    listed = {
        criteria: [info.descriptor.command for info in client.flight.list_flights(criteria)]
        for criteria in [b"", b"quakes", b"quakes/", b"nothing"]
    }
    equal(listed[b""], [b"air", b"quakes", b"quakes/fiji"])
    equal(listed[b"quakes"], [b"quakes", b"quakes/fiji"])
    equal(listed[b"quakes/"], [b"quakes/fiji"])
    equal(listed[b"nothing"], [])


@case
def list_actions_gives_each_with_a_description(client):
    actions = {action.type: action.description for action in client.flight.list_actions()}
    equal(sorted(actions), ["drop_table", "healthcheck", "shutdown"])
    assert all(actions.values()), actions


@case
def healthcheck_answers_ok(client):
    [result] = client.flight.do_action("healthcheck")
    equal(result.body.to_pybytes(), b"ok")


@case
def an_unknown_action_is_not_implemented(client):
    with raises(pa.ArrowNotImplementedError, "drop_table", "healthcheck", "shutdown"):
        list(client.flight.do_action("explode"))


@case
def an_action_happens_when_its_results_are_not_read(client):
    client.put_table("quakes", TABLE)
    client.flight.do_action(flight.Action("drop_table", b"quakes"))
    with raises(pa.ArrowKeyError):
        client.get_table("quakes")


@case
def an_action_happens_when_its_client_goes_away(client):
    client.put_table("quakes", TABLE)
    with TinyClient(client.location) as other:
        other.flight.do_action(flight.Action("drop_table", b"quakes"))
    equal(client.list_tables(), [])


@case
def wait_for_available_returns(client):
    client.flight.wait_for_available(timeout=10)


@case
def do_exchange_is_not_implemented(client):
    writer, reader = client.flight.do_exchange(QUAKES)
    with raises(pa.ArrowNotImplementedError), writer:
        reader.read_chunk()


@case
def a_handshake_is_not_implemented(client):
    with raises(pa.ArrowNotImplementedError):
        client.flight.authenticate_basic_token("arrow", "flight")


run()
