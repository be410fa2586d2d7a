"""What protocol_server.ts says of a flight, and the actions that the protocol defines.
pyarrow has no methods for these: it makes their messages by hand, field by field."""

import struct

import pyarrow as pa
from pyarrow import flight

from cases import case, equal, run

DESCRIPTOR = flight.FlightDescriptor.for_path("a", "ü", "")
SCHEMA = pa.schema([pa.field("n", pa.int32(), nullable=False)])


def field(number, value):
    """A field of protobuf: of bytes, or of a whole number."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def varint(value):
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def result_of(client, action, body=b""):
    [result] = client.do_action(flight.Action(action, body))
    return result.body.to_pybytes()


class CookieJar(flight.ClientMiddlewareFactory):
    """Keeps what a server sets as its cookie."""

    cookie = None

    def start_call(self, info):
        return CookieMiddleware(self)


class CookieMiddleware(flight.ClientMiddleware):
    def __init__(self, jar):
        self.jar = jar

    def sending_headers(self):
        return {} if self.jar.cookie is None else {"cookie": self.jar.cookie}

    def received_headers(self, headers):
        for header in headers.get("set-cookie", []):
            self.jar.cookie = None if "Max-Age=0" in header else header.split(";")[0]


@case
def a_flight_info_has_all_its_fields(client):
    info = client.flight.get_flight_info(DESCRIPTOR)
    equal(info.descriptor, DESCRIPTOR)
    equal(info.schema, SCHEMA)
    equal((info.total_records, info.total_bytes), (3, -1))
    equal((info.ordered, info.app_metadata), (True, b"of the flight"))
    [endpoint, empty] = info.endpoints
    equal(endpoint.ticket, flight.Ticket("numbers"))
    equal([location.uri for location in endpoint.locations], [
        client.location.encode(),
        b"https://example.com/a?b=%20c",
        b"arrow-flight-reuse-connection://?",
    ])
    equal(endpoint.expiration_time, pa.scalar((1 << 32) * 10**9 + 5000, pa.timestamp("ns", "UTC")))
    equal(endpoint.app_metadata, b"of the endpoint")
    equal((empty.locations, empty.expiration_time, empty.app_metadata), ([], None, b""))


@case
def a_flight_info_goes_round_by_its_bytes(client):
    info = client.flight.get_flight_info(DESCRIPTOR)
    equal(flight.FlightInfo.deserialize(info.serialize()), info)


@case
def a_schema_comes_alone(client):
    equal(client.flight.get_schema(DESCRIPTOR).schema, SCHEMA)


@case
def actions_are_listed(client):
    equal([tuple(action) for action in client.flight.list_actions()], [("echo", "Gives its body."), ("nothing", "")])


@case
def a_flight_is_cancelled(client):
    info = client.flight.get_flight_info(DESCRIPTOR)
    equal(result_of(client.flight, "CancelFlightInfo", field(1, info.serialize())), field(1, 1))
    equal(result_of(client.flight, "CancelFlightInfo", field(1, b"")), field(1, 3))


@case
def an_endpoint_is_renewed(client):
    [endpoint, _] = client.flight.get_flight_info(DESCRIPTOR).endpoints
    body = result_of(client.flight, "RenewFlightEndpoint", field(1, endpoint.serialize()))
    renewed = flight.FlightEndpoint.deserialize(body)
    equal(renewed.expiration_time, pa.scalar((1 << 33) * 10**9, pa.timestamp("ns", "UTC")))
    equal((renewed.ticket, renewed.locations), (endpoint.ticket, endpoint.locations))
    equal(renewed.app_metadata, endpoint.app_metadata)


@case
def a_session_keeps_options(client):
    jar = CookieJar()
    options = {b"a": field(1, b"x"), b"b": varint(3 << 3 | 1) + struct.pack("<q", -2), b"wrong": field(2, 1)}
    request = b"".join(field(1, field(1, name) + field(2, value)) for name, value in options.items())
    with flight.connect(client.location, middleware=[jar]) as session:
        errors = result_of(session, "SetSessionOptions", request)
        equal(errors, field(1, field(1, b"wrong") + field(2, field(1, 1))))
        assert jar.cookie.startswith("arrow_flight_session_id="), jar.cookie
        kept = [field(1, field(1, name) + field(2, options[name])) for name in [b"a", b"b"]]
        equal(result_of(session, "GetSessionOptions"), b"".join(kept))
        equal(result_of(session, "CloseSession"), field(1, 1))
        equal(jar.cookie, None)
        equal(result_of(session, "GetSessionOptions"), b"")


run(has_tables=False)
