"""A server that uses the whole protocol, for the client in flight_client_interop.ts.

    python protocol_server.py LOCATION [handshake | basic]

With "handshake" or "basic" only Ada may call it, who logs in by a handshake or by a header.
"""

import base64
import sys
import threading
import time

import pyarrow as pa
from pyarrow import flight

from pyarrow_server import Anyone, serve

NAME, PASSWORD, TOKEN = "ada", "love:läce 漢", "the token"
NUMBERS = [pa.record_batch({"n": pa.array(range(first, first + 10), pa.int32())}) for first in range(0, 50, 10)]
SCHEMA = NUMBERS[0].schema
ERRORS = {
    "FlightCancelledError": flight.FlightCancelledError,
    "FlightInternalError": flight.FlightInternalError,
    "FlightServerError": flight.FlightServerError,
    "FlightTimedOutError": flight.FlightTimedOutError,
    "FlightUnauthenticatedError": flight.FlightUnauthenticatedError,
    "FlightUnauthorizedError": flight.FlightUnauthorizedError,
    "FlightUnavailableError": flight.FlightUnavailableError,
    "ArrowInvalid": pa.ArrowInvalid,
    "ArrowKeyError": pa.ArrowKeyError,
    "ArrowNotImplementedError": pa.ArrowNotImplementedError,
    "KeyError": KeyError,
    "ValueError": ValueError,
    "NotImplementedError": NotImplementedError,
    "RuntimeError": RuntimeError,
}


class Answering(flight.ServerMiddlewareFactory):
    """Answers the header `x-say`, of texts, and `x-say-bin`."""

    def start_call(self, info, headers):
        if "reject" in headers.get("x-say", []):
            raise flight.FlightUnauthorizedError("rejected")
        return Answer(headers)


class Answer(flight.ServerMiddleware):
    def __init__(self, headers):
        self.headers = headers

    def sending_headers(self):
        return {
            "x-answer": self.headers.get("x-say", []),
            "x-answer-bin": self.headers.get("x-say-bin", []),
        }


class Handshake(flight.ServerAuthHandler):
    """Gives Ada a token for her password."""

    def authenticate(self, outgoing, incoming):
        shown = flight.BasicAuth.deserialize(incoming.read())
        if (shown.username, shown.password) != (NAME.encode(), PASSWORD.encode()):
            raise flight.FlightUnauthenticatedError("wrong password")
        outgoing.write(TOKEN)

    def is_valid(self, token):
        if token != TOKEN.encode():
            raise flight.FlightUnauthenticatedError("wrong token")
        return NAME


class Basic(flight.ServerMiddlewareFactory):
    """Gives Ada a token when her first call has her password in its header."""

    def start_call(self, info, headers):
        scheme, _, shown = headers.get("authorization", [" "])[0].partition(" ")
        known = base64.b64encode(f"{NAME}:{PASSWORD}".encode()).decode()
        if (scheme, shown) not in [("Basic", known), ("Bearer", TOKEN.replace(" ", "-"))]:
            raise flight.FlightUnauthenticatedError("who are you?")
        return Bearer(scheme)


class Bearer(flight.ServerMiddleware):
    def __init__(self, scheme):
        self.scheme = scheme

    def sending_headers(self):
        return {"authorization": "Bearer " + TOKEN.replace(" ", "-"), "x-scheme": self.scheme}


class ProtocolServer(flight.FlightServerBase):
    def __init__(self, location, **options):
        super().__init__(location, middleware={"answering": Answering(), **options.pop("middleware", {})}, **options)
        self.hanging = threading.Event()
        self.cancelled = threading.Event()
        self.put = []

    def get_flight_info(self, context, descriptor):
        endpoint = flight.FlightEndpoint(
            b"numbers",
            ["grpc://x:1", "https://example.com/a"],
            pa.scalar((1 << 32) * 10**9 + 5000, pa.timestamp("ns", "UTC")),
            b"of the endpoint",
        )
        return flight.FlightInfo(SCHEMA, descriptor, [endpoint], 50, -1, True, b"of the flight")

    def get_schema(self, context, descriptor):
        return flight.SchemaResult(SCHEMA)

    def list_flights(self, context, criteria):
        for number in range(3):
            descriptor = flight.FlightDescriptor.for_path(criteria, str(number))
            yield flight.FlightInfo(SCHEMA, descriptor, [])

    def do_get(self, context, ticket):
        name = ticket.ticket.decode()
        return flight.GeneratorStream(SCHEMA, self.batches(name))

    def batches(self, name):
        for number, batch in enumerate(NUMBERS):
            if name == "breaks" and number == 2:
                raise flight.FlightInternalError("the rest is lost", b"extra")
            yield (batch, str(number).encode()) if name == "metadata" else batch
            try:
                while name == "endless":
                    yield batch
            finally:
                # pyarrow forgets the generator when it can send no more.
                self.cancelled.set()

    def do_put(self, context, descriptor, reader, writer):
        rows = 0
        for chunk in reader:
            rows += 0 if chunk.data is None else chunk.data.num_rows
            writer.write(b"none" if chunk.app_metadata is None else chunk.app_metadata)
        self.put.append((descriptor.command.decode(), rows))
        writer.write(str(rows).encode())

    def do_exchange(self, context, descriptor, reader, writer):
        command = descriptor.command.decode()
        if command == "get":
            writer.begin(SCHEMA)
            for batch in NUMBERS:
                writer.write_batch(batch)
        elif command == "put":
            writer.write_metadata(f"{reader.read_all().num_rows} rows".encode())
        elif command == "echo":
            self.echo(reader, writer)
        else:
            raise NotImplementedError(command)

    def echo(self, reader, writer):
        has_begun = False
        for chunk in reader:
            if chunk.data is not None and not has_begun:
                writer.begin(chunk.data.schema)
                has_begun = True
            if chunk.data is None:
                writer.write_metadata(chunk.app_metadata)
            elif chunk.app_metadata is None:
                writer.write_batch(chunk.data)
            else:
                writer.write_with_metadata(chunk.data, chunk.app_metadata)

    def list_actions(self, context):
        return [("echo", "Gives its body."), flight.ActionType("nothing", "")]

    def do_action(self, context, action):
        word, *rest = action.type.split(" ")
        if word == "echo":
            return [action.body]
        if word == "fail":
            text = action.body.to_pybytes().decode()
            error_class = ERRORS[rest[0]]
            raise error_class(text, b"extra") if rest[1:] else error_class(text)
        if word == "who":
            return [context.peer_identity()]
        if word == "cancelled":
            assert self.cancelled.wait(20)
            return [b"yes"]
        if word == "hanging":
            assert self.hanging.wait(20)
            return []
        if word == "hang":
            self.hanging.set()
            while not context.is_cancelled():
                time.sleep(0.01)
            self.cancelled.set()
            return []
        if word == "put":
            return [f"{name} {rows}".encode() for name, rows in self.put]
        raise NotImplementedError(f"there is no action {action.type}")


AUTH = {
    "handshake": {"auth_handler": Handshake()},
    "basic": {"auth_handler": Anyone(), "middleware": {"basic": Basic()}},
}

serve(ProtocolServer(sys.argv[1], **(AUTH[sys.argv[2]] if sys.argv[2:] else {})))
