"""The client of the walk-through "Building an Arrow Flight server", in Python."""

from pyarrow import flight


class TinyClient:
    """Puts, gets, lists and drops tables by name."""

    def __init__(self, location, **options):
        self.location = location
        self.flight = flight.connect(location, **options)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.flight.close()

    def put_table(self, name, table):
        descriptor = flight.FlightDescriptor.for_command(name)
        writer, _ = self.flight.do_put(descriptor, table.schema)
        writer.write_table(table)
        writer.close()

    def get_table(self, name):
        return self.flight.do_get(flight.Ticket(name)).read_all()

    def list_tables(self):
        return [info.descriptor.command.decode() for info in self.flight.list_flights()]

    def drop_table(self, name):
        body = name if isinstance(name, bytes) else name.encode()
        list(self.flight.do_action(flight.Action("drop_table", body)))
