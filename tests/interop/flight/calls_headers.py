"""Headers, trailers, deadlines and cookies of calls to protocol_server.ts."""

import contextlib

import pyarrow as pa
from pyarrow import flight

from cases import case, equal, raises, run

DESCRIPTOR = flight.FlightDescriptor.for_command(b"x")


class Recorder(flight.ClientMiddlewareFactory):
    """Sends headers with each call, and keeps all that comes back: one dictionary for the
    headers and one for the trailers."""

    def __init__(self, headers):
        self.headers = headers
        self.received = []
        self.completed = []

    def start_call(self, info):
        return Recording(self)


class Recording(flight.ClientMiddleware):
    def __init__(self, recorder):
        self.recorder = recorder

    def sending_headers(self):
        return self.recorder.headers

    def received_headers(self, headers):
        self.recorder.received.append(headers)

    def call_completed(self, exception):
        self.recorder.completed.append(type(exception))


@contextlib.contextmanager
def recording(client, headers):
    recorder = Recorder(headers)
    with flight.connect(client.location, middleware=[recorder]) as recorded:
        yield recorded, recorder


def all_received(recorder, name):
    return [value for headers in recorder.received for value in headers.get(name, [])]


CALLS = {
    "get_flight_info": lambda client: client.get_flight_info(DESCRIPTOR),
    "get_schema": lambda client: client.get_schema(DESCRIPTOR),
    "do_get": lambda client: client.do_get(flight.Ticket(b"numbers")).read_all(),
    "do_action": lambda client: list(client.do_action("echo")),
    "list_actions": lambda client: client.list_actions(),
    "list_flights": lambda client: list(client.list_flights()),
}


@case
def a_middleware_sends_headers_and_gets_them_back(client):
    for call in CALLS.values():
        with recording(client, {"x-say": ["a", "b, c"], "x-say-bin": [b"\x00\xff", b""]}) as (recorded, recorder):
            call(recorded)
            equal(all_received(recorder, "x-answer"), ["a", "b, c"])
            equal(all_received(recorder, "x-answer-bin"), [b"\x00\xff", b""])


@case
def a_middleware_gets_trailers(client):
    for call in CALLS.values():
        with recording(client, {"x-say": "a"}) as (recorded, recorder):
            call(recorded)
            equal(all_received(recorder, "x-farewell"), ["a"])


@case
def a_middleware_gets_the_headers_of_a_failing_call(client):
    with recording(client, {"x-say": "a"}) as (recorded, recorder):
        with raises(pa.ArrowKeyError):
            recorded.get_flight_info(flight.FlightDescriptor.for_command(b"fail"))
        with raises(flight.FlightInternalError):
            list(recorded.do_action(flight.Action("fail ABORTED", b"no")))
        equal(all_received(recorder, "x-answer"), ["a", "a"])
        equal(all_received(recorder, "x-farewell"), ["a", "a"])


@case
def call_options_send_headers(client):
    options = flight.FlightCallOptions(headers=[(b"x-say", b"a"), (b"x-say", b"b")])
    with recording(client, {}) as (recorded, recorder):
        list(recorded.do_action("echo", options))
        equal(all_received(recorder, "x-answer"), ["a", "b"])


@case
def a_deadline_reaches_the_server(client):
    options = flight.FlightCallOptions(timeout=30)
    [result] = client.flight.do_action("deadline", options)
    equal(result.body.to_pybytes(), b"soon")
    [result] = client.flight.do_action("deadline")
    equal(result.body.to_pybytes(), b"later")


@case
def a_deadline_ends_calls(client):
    options = flight.FlightCallOptions(timeout=0.2)
    with raises(flight.FlightTimedOutError):
        list(client.flight.do_action("hang", options))
    with raises(flight.FlightTimedOutError):
        client.flight.do_get(flight.Ticket(b"hangs"), options).read_all()
    with raises(flight.FlightTimedOutError):
        writer, reader = client.flight.do_exchange(flight.FlightDescriptor.for_command(b"echo"), options)
        with writer:
            reader.read_chunk()


run(has_tables=False)
