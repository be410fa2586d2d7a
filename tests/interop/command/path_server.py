"""A server that knows flights by paths of several parts, counts nothing, and asks for a
handshake when it is told a password.

    python path_server.py LOCATION [PASSWORD]
"""

import sys

from pyarrow import flight


class Handshake(flight.ServerAuthHandler):
    def __init__(self, password):
        super().__init__()
        self.password = password

    def authenticate(self, outgoing, incoming):
        auth = flight.BasicAuth.deserialize(incoming.read())
        if auth.password.decode() != self.password:
            raise flight.FlightUnauthenticatedError("wrong password")
        outgoing.write(b"token of " + auth.username)

    def is_valid(self, token):
        if not token.startswith(b"token of "):
            raise flight.FlightUnauthenticatedError("no token")
        return token


class PathServer(flight.FlightServerBase):
    def __init__(self, location, auth_handler):
        super().__init__(location, auth_handler=auth_handler)
        self.tables = {}

    def do_put(self, context, descriptor, reader, writer):
        self.tables[tuple(descriptor.path)] = reader.read_all()

    def do_get(self, context, ticket):
        *path, part = ticket.ticket.split(b"|")
        table = self.tables[tuple(path)]
        half = table.num_rows // 2
        rows = table.slice(0, half) if part == b"0" else table.slice(half)
        return flight.RecordBatchStream(rows)

    def get_flight_info(self, context, descriptor):
        if descriptor.descriptor_type != flight.DescriptorType.PATH:
            raise NotImplementedError("only paths")
        return self.flight_info(tuple(descriptor.path))

    def list_flights(self, context, criteria):
        return (self.flight_info(path) for path in self.tables)

    def flight_info(self, path):
        table = self.tables[path]
        ticket = b"|".join(path)
        endpoints = [flight.FlightEndpoint(ticket + b"|0", []), flight.FlightEndpoint(ticket + b"|1", [])]
        descriptor = flight.FlightDescriptor.for_path(*path)
        return flight.FlightInfo(table.schema, descriptor, endpoints, -1, -1)


handler = Handshake(sys.argv[2]) if len(sys.argv) > 2 else None
server = PathServer(sys.argv[1], handler)
print(f"grpc://localhost:{server.port}", flush=True)
server.serve()
