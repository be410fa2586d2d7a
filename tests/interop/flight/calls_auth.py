"""The ways in which pyarrow's client makes itself known to the server of flight_interop.ts,
which has one user, Ada, and tells its callers who they are."""

import base64

import pyarrow as pa
from pyarrow import flight

from cases import add_case, case, equal, raises, run

NAME, PASSWORD = "ada", "love:läce 漢"


class Handshake(flight.ClientAuthHandler):
    """Logs in with a BasicAuth message."""

    def __init__(self, name, password):
        super().__init__()
        self.basic_auth = flight.BasicAuth(name, password)
        self.token = None

    def authenticate(self, outgoing, incoming):
        outgoing.write(self.basic_auth.serialize())
        self.token = incoming.read()

    def get_token(self):
        return self.token


class Garbage(Handshake):
    def authenticate(self, outgoing, incoming):
        outgoing.write(b"\xff\xff")
        incoming.read()


def who_am_i(client, options=None):
    [result] = client.do_action("who", options)
    return result.body.to_pybytes().decode()


@case
def a_stranger_is_refused(client):
    for call in [
        lambda: who_am_i(client.flight),
        lambda: client.flight.do_get(flight.Ticket("x")),
        lambda: client.flight.get_flight_info(flight.FlightDescriptor.for_command("x")),
        lambda: client.flight.list_actions(),
        lambda: list(client.flight.list_flights(b"x")),
    ]:
        with raises(flight.FlightUnauthenticatedError, "Cannot accept the call"):
            call()


@case
def a_handshake_logs_in(client):
    client.flight.authenticate(Handshake(NAME, PASSWORD))
    equal(who_am_i(client.flight), NAME)
    equal(who_am_i(client.flight), NAME)


@case
def a_handshake_with_a_wrong_password_is_refused(client):
    with raises(flight.FlightUnauthenticatedError, "name or password"):
        client.flight.authenticate(Handshake(NAME, "x"))


@case
def a_handshake_with_garbage_is_refused(client):
    with raises(pa.ArrowInvalid, "BasicAuth"):
        client.flight.authenticate(Garbage(NAME, PASSWORD))


@case
def a_basic_token_logs_in(client):
    header = client.flight.authenticate_basic_token(NAME, PASSWORD)
    equal(header[0], b"authorization")
    assert header[1].startswith(b"Bearer "), header
    equal(who_am_i(client.flight, flight.FlightCallOptions(headers=[header])), NAME)


@case
def a_basic_token_with_a_wrong_password_is_refused(client):
    with raises(flight.FlightUnauthenticatedError, "name or password"):
        client.flight.authenticate_basic_token(NAME, "x")


def a_header_logs_in(client, header):
    options = flight.FlightCallOptions(headers=[(b"authorization", header)])
    equal(who_am_i(client.flight, options), NAME)


credentials = base64.b64encode(f"{NAME}:{PASSWORD}".encode())
add_case("a Basic header logs in", a_header_logs_in, b"Basic " + credentials)
add_case("a Basic header without padding logs in", a_header_logs_in, b"Basic " + credentials.rstrip(b"="))


@case
def a_wrong_token_is_refused(client):
    options = flight.FlightCallOptions(headers=[(b"authorization", b"Bearer x")])
    with raises(flight.FlightUnauthenticatedError, "its token is not valid"):
        who_am_i(client.flight, options)


run(has_tables=False)
