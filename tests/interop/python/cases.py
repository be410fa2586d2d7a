"""Runs the cases of a theme, and reports each as a line of JSON.

    python THEME.py LOCATION

A theme is a script that makes functions its cases, and ends with `run()`. A case
takes a TinyClient of the server at LOCATION, on which there is no table yet, and
raises when something is not as it should be.
"""

import contextlib
import faulthandler
import json
import sys
import traceback

from tiny_client import TinyClient

LIMIT_SECONDS = 400

_cases = []


def case(function):
    """Makes the function a case of its name."""
    add_case(function.__name__.replace("_", " "), function)
    return function


def add_case(name, function, *arguments):
    """Makes the function a case, which gets these arguments after the client."""
    _cases.append((name, function, arguments))


def run(has_tables=True, connect=TinyClient):
    """Runs the cases; the server's tables are dropped before each, if it has tables."""
    # A call that never ends must not stop the tests: the process says where, and exits.
    faulthandler.dump_traceback_later(LIMIT_SECONDS, exit=True)
    for name, function, arguments in _cases:
        error = _failure(function, arguments, connect, has_tables)
        print(json.dumps({"name": name, "error": error}), flush=True)
    faulthandler.cancel_dump_traceback_later()


def equal(found, expected):
    """Raises unless both are equal."""
    if found != expected:
        raise AssertionError(f"found {_short(found)}, expected {_short(expected)}")


@contextlib.contextmanager
def raises(error_class, *texts):
    """Raises unless the block raises an error of just this class, with these texts."""
    try:
        yield
    except Exception as error:
        if type(error) is not error_class:
            raise
        for text in texts:
            if text not in str(error):
                raise AssertionError(f"no {text!r} in {str(error)!r}") from error
        return
    raise AssertionError(f"no {error_class.__name__} was raised")


def _failure(function, arguments, connect, has_tables):
    try:
        with connect(sys.argv[1]) as client:
            for info in client.flight.list_flights() if has_tables else []:
                client.drop_table(info.endpoints[0].ticket.ticket)
            function(client, *arguments)
    except Exception:
        return traceback.format_exc()
    return None


def _short(value):
    text = repr(value)
    return text if len(text) < 2000 else f"{text[:2000]}..."
