"""pyarrow's client shuts the server down."""

from pyarrow import flight

from cases import case, equal, raises, run


@case
def shutdown_answers_and_then_the_server_is_gone(client):
    equal(list(client.flight.do_action("shutdown")), [])
    with raises(flight.FlightUnavailableError):
        while True:
            client.list_tables()


run()
