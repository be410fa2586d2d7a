"""pyarrow's client over TLS with the server of tls_interop.ts, which asks for client
certificates and tells its callers who they are.

    python tls.py LOCATION FOLDER OPEN_LOCATION EXPIRED_LOCATION

The server at OPEN_LOCATION asks for no certificate: pyarrow shows none to a server that
it does not verify. The certificate of the one at EXPIRED_LOCATION has expired.
"""

import sys
from pathlib import Path

import pyarrow as pa
from pyarrow import flight

from cases import case, equal, raises, run
from tiny_client import TinyClient


def pem(name):
    """The text of a file in the folder."""
    return (Path(sys.argv[2]) / f"{name}.pem").read_text()


ROOTS = {"tls_root_certs": pem("ca")}
ADA = {"cert_chain": pem("ada_cert"), "private_key": pem("ada_key")}
EVE = {"cert_chain": pem("eve_cert"), "private_key": pem("eve_key")}
LATE = {"cert_chain": pem("late_cert"), "private_key": pem("late_key")}
TABLE = pa.table({"x": pa.array(range(1_000_000)), "y": pa.array([0.5] * 1_000_000)})


def connect(location, **options):
    return TinyClient(location, **(ROOTS | ADA | options))


@case
def a_table_comes_back_as_it_was_put(client):
    client.put_table("table", TABLE)
    equal(client.get_table("table"), TABLE)
    equal(client.list_tables(), ["table"])


@case
def the_server_knows_the_client(client):
    [result] = client.flight.do_action("who")
    equal(result.body.to_pybytes().decode(), "ada.example DNS:ada.example,URI:spiffe://a/b")


@case
def a_client_without_a_certificate_is_told_so(client):
    with TinyClient(client.location, **ROOTS) as stranger:
        is_refused(stranger, "the client shows no certificate, which the server requires")


@case
def a_certificate_of_another_authority_is_refused(client):
    with connect(client.location, **EVE) as eve:
        is_refused(eve, "the client's certificate comes from an authority that is not trusted")


@case
def a_certificate_that_has_expired_is_refused(client):
    with connect(client.location, **LATE) as late:
        is_refused(late, "the client's certificate has expired")


def is_refused(client, text):
    for _ in range(3):
        with raises(flight.FlightUnauthenticatedError, text):
            list(client.flight.list_flights())
    with raises(flight.FlightUnauthenticatedError, text):
        client.put_table("table", TABLE)


@case
def a_server_whose_certificate_has_expired_is_refused(_):
    with TinyClient(sys.argv[4], **ROOTS) as client:
        with raises(flight.FlightUnavailableError, "certificate verify failed"):
            list(client.flight.list_flights())


@case
def a_server_of_another_authority_is_refused(client):
    with connect(client.location, tls_root_certs=pem("other_ca")) as stranger:
        with raises(flight.FlightUnavailableError, "certificate verify failed"):
            list(stranger.flight.list_flights())


@case
def the_server_has_a_certificate_for_another_name(client):
    with connect(client.location, override_hostname="second.example") as second:
        equal(list(second.flight.list_flights()), [])
    with connect(client.location, override_hostname="third.example") as third:
        with raises(flight.FlightUnavailableError):
            list(third.flight.list_flights())


@case
def a_client_need_not_verify_the_server(_):
    with TinyClient(sys.argv[3], disable_server_verification=True) as trusting:
        equal(list(trusting.flight.list_flights()), [])


run(connect=connect)
