"""How the errors of protocol_server.ts look in Python."""

import pyarrow as pa
from pyarrow import flight

from cases import add_case, case, equal, raises, run

CLASSES = {
    "CANCELLED": flight.FlightCancelledError,
    "UNKNOWN": flight.FlightServerError,
    "INVALID_ARGUMENT": pa.ArrowInvalid,
    "DEADLINE_EXCEEDED": flight.FlightTimedOutError,
    "NOT_FOUND": pa.ArrowKeyError,
    "ALREADY_EXISTS": pa.ArrowException,
    "PERMISSION_DENIED": flight.FlightUnauthorizedError,
    "RESOURCE_EXHAUSTED": pa.ArrowInvalid,
    "FAILED_PRECONDITION": pa.ArrowInvalid,
    "ABORTED": flight.FlightInternalError,
    "OUT_OF_RANGE": pa.ArrowInvalid,
    "UNIMPLEMENTED": pa.ArrowNotImplementedError,
    "INTERNAL": flight.FlightInternalError,
    "UNAVAILABLE": flight.FlightUnavailableError,
    "DATA_LOSS": flight.FlightInternalError,
    "UNAUTHENTICATED": flight.FlightUnauthenticatedError,
}


def fail(client, action, text):
    list(client.flight.do_action(flight.Action(action, text.encode())))


def has_its_class(client, code, error_class):
    text = 'Cannot do "größer" 100%: no\n漢 🐚'
    with raises(error_class, text):
        fail(client, f"fail {code}", text)


def has_its_class_with_extra_info(client, code, error_class):
    try:
        fail(client, f"fail {code} extra", "no")
    except error_class as error:
        equal(type(error), error_class)
        assert "no" in str(error), str(error)
        if isinstance(error, flight.FlightError):
            equal(error.extra_info, b"extra")
    else:
        raise AssertionError("nothing was raised")


for code, error_class in CLASSES.items():
    add_case(f"{code} has its class", has_its_class, code, error_class)
    add_case(f"{code} has its class with extra info", has_its_class_with_extra_info, code, error_class)


@case
def a_long_text_is_cut_and_keeps_its_class(client):
    for text in ["x" * 20_000, "é" * 20_000, "\n" * 20_000]:
        with raises(pa.ArrowKeyError, text[:200]):
            fail(client, "fail NOT_FOUND", text)
        with raises(flight.FlightUnavailableError, text[:200]):
            fail(client, "fail UNAVAILABLE extra", text)


@case
def an_unexpected_error_keeps_its_text_at_home(client):
    for call in [
        lambda: list(client.flight.do_action("bug")),
        lambda: client.flight.do_get(flight.Ticket(b"bug")).read_all(),
    ]:
        try:
            call()
        except flight.FlightInternalError as error:
            assert "secret" not in str(error), str(error)
        else:
            raise AssertionError("nothing was raised")


@case
def a_get_fails_before_its_schema(client):
    with raises(pa.ArrowKeyError, "there is no ticket"):
        client.flight.do_get(flight.Ticket(b"missing"))


@case
def a_get_fails_midway(client):
    reader = client.flight.do_get(flight.Ticket(b"breaks"))
    rows = 0
    try:
        while True:
            rows += reader.read_chunk().data.num_rows
    except flight.FlightInternalError as error:
        assert "the rest is lost" in str(error), str(error)
        equal(error.extra_info, b"extra")
    assert rows <= 20, rows


@case
def a_method_that_is_not_there_is_not_implemented(client):
    with raises(pa.ArrowNotImplementedError, 'Cannot run "explode"'):
        list(client.flight.do_action("explode"))
    descriptor = flight.FlightDescriptor.for_command(b"explode")
    with raises(pa.ArrowNotImplementedError, 'Cannot exchange: "explode"?'):
        writer, reader = client.flight.do_exchange(descriptor)
        reader.read_chunk()


run(has_tables=False)
