"""The server of the walk-through "Building an Arrow Flight server", in Python.

    python pyarrow_server.py LOCATION
"""

import sys

from pyarrow import flight


class Anyone(flight.ServerAuthHandler):
    """Leaves it to the headers who may call."""

    def authenticate(self, outgoing, incoming):
        pass

    def is_valid(self, token):
        return ""


class TableServer(flight.FlightServerBase):
    """Keeps tables in a dictionary, under what their descriptors' commands say."""

    def __init__(self, location):
        super().__init__(location)
        self.tables = {}

    def do_put(self, context, descriptor, reader, writer):
        self.tables[descriptor.command] = reader.read_all()

    def do_get(self, context, ticket):
        return flight.RecordBatchStream(self.tables[ticket.ticket])

    def get_flight_info(self, context, descriptor):
        return self.flight_info(descriptor.command)

    def list_flights(self, context, criteria):
        return (self.flight_info(name) for name in self.tables)

    def list_actions(self, context):
        return [("drop_table", "Forgets a table.")]

    def do_action(self, context, action):
        if action.type != "drop_table":
            raise NotImplementedError(f"there is no action {action.type}")
        del self.tables[action.body.to_pybytes()]
        return []

    def flight_info(self, name):
        table = self.tables[name]
        descriptor = flight.FlightDescriptor.for_command(name)
        endpoint = flight.FlightEndpoint(name, [])
        return flight.FlightInfo(table.schema, descriptor, [endpoint], table.num_rows, table.nbytes)


def serve(server):
    """Says where the server listens, and serves until the process is killed."""
    print(f"grpc://localhost:{server.port}", flush=True)
    server.serve()


if __name__ == "__main__":
    serve(TableServer(sys.argv[1]))
