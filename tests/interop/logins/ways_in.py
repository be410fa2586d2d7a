"""The four ways in which pyarrow's client shows who it is, with right, wrong, missing,
expired and revoked credentials.

    python ways_in.py LOCATION CREDENTIALS [ROOTS]

CREDENTIALS are those of login_server.ts, as JSON. ROOTS is a file with the authorities
of a server over TLS.
"""

import base64
import json
import sys
from pathlib import Path

import pyarrow as pa
from pyarrow import flight

from cases import add_case, case, equal, raises, run
from tiny_client import TinyClient

KNOWN = json.loads(sys.argv[2])
NAME, PASSWORD = KNOWN["name"], KNOWN["password"]
TLS = {"tls_root_certs": Path(sys.argv[3]).read_bytes()} if sys.argv[3:] else {}
TABLE = pa.table({"x": [1, 2, 3]})
#: What the user sees of each token that is not valid.
REFUSED = {
    "unknownToken": "its token is not valid",
    "expiredToken": "its token has expired",
    "expiredLogin": "its token has expired; log in again",
}
REVOKED = "its token was revoked; log in again"
WRONG = "its name or password is wrong"


class Handler(flight.ClientAuthHandler):
    """Logs in by a handshake, and shows the token that it got as auth-token-bin."""

    def __init__(self, name=NAME, password=PASSWORD):
        super().__init__()
        self.basic_auth = flight.BasicAuth(name, password)
        self.token = b""

    def authenticate(self, outgoing, incoming):
        outgoing.write(self.basic_auth.serialize())
        self.token = incoming.read()

    def get_token(self):
        return self.token


class Credential(flight.ClientMiddlewareFactory):
    """Shows a header with every call, and the token that comes back from then on."""

    def __init__(self, header):
        super().__init__()
        self.header = header

    def start_call(self, info):
        return Shown(self)


class Shown(flight.ClientMiddleware):
    def __init__(self, credential):
        super().__init__()
        self.credential = credential

    def sending_headers(self):
        return {"authorization": self.credential.header} if self.credential.header else {}

    def received_headers(self, headers):
        [given] = headers.get("authorization", [None])
        if given is not None:
            self.credential.header = given


def connect(**options):
    return TinyClient(sys.argv[1], **(TLS | options))


def basic(name, password):
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


def bearer(token):
    return flight.FlightCallOptions(headers=[(b"authorization", f"Bearer {token}".encode())])


def who(client, options=None):
    [result] = client.flight.do_action("who", options)
    return result.body.to_pybytes().decode()


def revoke(client, token, options=None):
    list(client.flight.do_action(flight.Action("revoke", token.encode()), options))


def put(client, name="table", options=None):
    descriptor = flight.FlightDescriptor.for_command(name)
    writer, _ = client.flight.do_put(descriptor, TABLE.schema, options)
    writer.write_table(TABLE)
    writer.close()


def exchange(client, options=None):
    descriptor = flight.FlightDescriptor.for_command("table")
    writer, reader = client.flight.do_exchange(descriptor, options)
    with writer:
        writer.done_writing()
        reader.read_chunk()


TABLE_FLIGHT = flight.FlightDescriptor.for_command("table")
#: Every call, with the options that it gets.
CALLS = {
    "list_flights": lambda client, options: list(client.flight.list_flights(b"x", options)),
    "get_flight_info": lambda client, options: client.flight.get_flight_info(TABLE_FLIGHT, options),
    "get_schema": lambda client, options: client.flight.get_schema(TABLE_FLIGHT, options),
    "do_get": lambda client, options: client.flight.do_get(flight.Ticket("table"), options).read_all(),
    "do_put": lambda client, options: put(client, options=options),
    "do_exchange": exchange,
    "do_action": who,
    "list_actions": lambda client, options: list(client.flight.list_actions(options)),
}


def every_call_is_refused(client, text, options=None):
    for name, call in CALLS.items():
        # pyarrow makes no error of its own of what get_schema ends with.
        error_class = OSError if name == "get_schema" else flight.FlightUnauthenticatedError
        with raises(error_class, "Cannot accept the call", text):
            call(client, options)


@case
def without_credentials_every_call_is_refused(client):
    every_call_is_refused(client, "it came without a token")


# authenticate_basic_token


@case
def a_basic_login_gives_a_token_for_all_calls(client):
    options = flight.FlightCallOptions(headers=[client.flight.authenticate_basic_token(NAME, PASSWORD)])
    equal(who(client, options), NAME)
    put(client, options=options)
    equal(client.flight.do_get(flight.Ticket("table"), options).read_all(), TABLE)


def a_basic_login_is_refused(client, name, password):
    with raises(flight.FlightUnauthenticatedError, WRONG):
        client.flight.authenticate_basic_token(name, password)


add_case("a Basic login with a wrong password is refused", a_basic_login_is_refused, NAME, "x")
add_case("a Basic login with an unknown name is refused", a_basic_login_is_refused, "eve", PASSWORD)
add_case("a Basic login with nothing is refused", a_basic_login_is_refused, "", "")


@case
def a_revoked_basic_login_is_refused_and_a_new_one_is_not(client):
    header = client.flight.authenticate_basic_token(NAME, PASSWORD)
    options = flight.FlightCallOptions(headers=[header])
    revoke(client, header[1].decode().removeprefix("Bearer "), options)
    every_call_is_refused(client, REVOKED, options)
    header = client.flight.authenticate_basic_token(NAME, PASSWORD)
    equal(who(client, flight.FlightCallOptions(headers=[header])), NAME)


# authenticate(handler)


@case
def a_handshake_gives_a_token_for_all_calls(client):
    client.flight.authenticate(Handler())
    equal(who(client), NAME)
    put(client)
    equal(client.get_table("table"), TABLE)


def a_handshake_is_refused(client, name, password):
    with raises(flight.FlightUnauthenticatedError, WRONG):
        client.flight.authenticate(Handler(name, password))


add_case("a handshake with a wrong password is refused", a_handshake_is_refused, NAME, "x")
add_case("a handshake with an unknown name is refused", a_handshake_is_refused, "eve", PASSWORD)


@case
def a_handshake_with_nothing_is_refused(client):
    class Silent(Handler):
        def authenticate(self, outgoing, incoming):
            pass

    with raises(flight.FlightUnauthenticatedError, "the handshake came without a payload"):
        client.flight.authenticate(Silent())


@case
def tokens_of_a_handler_that_are_not_valid_are_refused(client):
    handler = Handler()
    client.flight.authenticate(handler)
    for kind, text in REFUSED.items():
        handler.token = KNOWN[kind].encode()
        every_call_is_refused(client, text)
    handler.token = b""
    every_call_is_refused(client, "it came without a token")


@case
def a_revoked_handshake_is_refused_and_a_new_one_is_not(client):
    handler = Handler()
    client.flight.authenticate(handler)
    revoke(client, handler.token.decode())
    every_call_is_refused(client, REVOKED)
    client.flight.authenticate(handler)
    equal(who(client), NAME)


# Headers in FlightCallOptions


@case
def a_token_in_the_call_options_is_enough(client):
    equal(who(client, bearer(KNOWN["token"])), NAME)
    put(client, options=bearer(KNOWN["token"]))


@case
def tokens_in_the_call_options_that_are_not_valid_are_refused(client):
    for kind, text in REFUSED.items():
        every_call_is_refused(client, text, bearer(KNOWN[kind]))


def a_header_is_refused(client, header, text):
    options = flight.FlightCallOptions(headers=[(b"authorization", header.encode())])
    with raises(flight.FlightUnauthenticatedError, text):
        who(client, options)


add_case("a scheme without credentials is refused", a_header_is_refused, "Bearer", "without a token")
add_case("another scheme is refused", a_header_is_refused, "Digest x", "without a token")
add_case("a Basic header that is not base64 is refused", a_header_is_refused, "Basic ?", "not base64")
add_case("a Basic header without a colon is refused", a_header_is_refused, "Basic YWRh", "no colon")
add_case("a Basic header with a wrong password is refused", a_header_is_refused, basic(NAME, "x"), WRONG)


# Client middleware


@case
def a_token_of_a_middleware_is_enough(_):
    with connect(middleware=[Credential(f"Bearer {KNOWN['token']}")]) as client:
        equal(who(client), NAME)
        put(client)
        equal(client.get_table("table"), TABLE)


@case
def a_middleware_may_log_in_with_a_password(_):
    credential = Credential(basic(NAME, PASSWORD))
    with connect(middleware=[credential]) as client:
        equal(who(client), NAME)
        assert credential.header.startswith("Bearer "), credential.header
        equal(who(client), NAME)


@case
def credentials_of_a_middleware_that_are_not_valid_are_refused(_):
    credential = Credential(basic(NAME, "x"))
    with connect(middleware=[credential]) as client:
        every_call_is_refused(client, WRONG)
        for kind, text in REFUSED.items():
            credential.header = f"Bearer {KNOWN[kind]}"
            every_call_is_refused(client, text)
        credential.header = None
        every_call_is_refused(client, "it came without a token")


@case
def a_revoked_token_of_a_middleware_is_refused(_):
    credential = Credential(basic(NAME, PASSWORD))
    with connect(middleware=[credential]) as client:
        who(client)
        revoke(client, credential.header.removeprefix("Bearer "))
        every_call_is_refused(client, REVOKED)
        credential.header = basic(NAME, PASSWORD)
        equal(who(client), NAME)


# What a client may do that is known


@case
def what_the_rules_do_not_allow_is_unauthorized(client):
    put(client, "public/table", bearer(KNOWN["token"]))
    put(client, "secret", bearer(KNOWN["token"]))
    header = client.flight.authenticate_basic_token(KNOWN["reader"], KNOWN["readerPassword"])
    options = flight.FlightCallOptions(headers=[header])
    equal(client.flight.do_get(flight.Ticket("public/table"), options).read_all(), TABLE)
    infos = list(client.flight.list_flights(b"", options))
    equal([info.descriptor.command for info in infos], [b"public/table"])
    text = 'the server\'s rules do not allow it to "bob"'
    with raises(flight.FlightUnauthorizedError, 'Cannot put the table "public/table"', text):
        put(client, "public/table", options)
    with raises(flight.FlightUnauthorizedError, text):
        action = flight.Action("drop_table", b"public/table")
        list(client.flight.do_action(action, options))
    with raises(pa.ArrowKeyError, 'Cannot find the table "secret"'):
        client.flight.get_flight_info(flight.FlightDescriptor.for_command("secret"), options)


run(has_tables=False, connect=lambda _: connect())
