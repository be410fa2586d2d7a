"""The server of ../python/pyarrow_server.py, which only Ada may call, over TLS.

    python token_server.py FOLDER {handshake | basic}

With "handshake" she logs in by a ServerAuthHandler, with "basic" by a middleware that
reads the header `authorization`. The actions "revoke" and "expire" end the tokens that
were given, and "forbidden" is not for her.
"""

import base64
import sys
import uuid
from pathlib import Path

from pyarrow import flight

from pyarrow_server import Anyone, TableServer

NAME, PASSWORD = "ada", "love:läce 漢"
FOLDER = Path(sys.argv[1])


class Tokens:
    """Which tokens are valid, or why not."""

    def __init__(self):
        self.states = {}

    def issue(self, name, password):
        if (name, password) != (NAME, PASSWORD):
            raise flight.FlightUnauthenticatedError("wrong name or password")
        token = uuid.uuid4().hex
        self.states[token] = None
        return token

    def check(self, token):
        problem = self.states.get(token, "unknown")
        if problem is not None:
            raise flight.FlightUnauthenticatedError(f"the token is {problem}")

    def end(self, problem):
        for token in self.states:
            self.states[token] = problem


TOKENS = Tokens()


class Handshake(flight.ServerAuthHandler):
    def authenticate(self, outgoing, incoming):
        shown = flight.BasicAuth.deserialize(incoming.read())
        outgoing.write(TOKENS.issue(shown.username.decode(), shown.password.decode()).encode())

    def is_valid(self, token):
        TOKENS.check(token.decode())
        return NAME


class Basic(flight.ServerMiddlewareFactory):
    def start_call(self, info, headers):
        scheme, _, shown = headers.get("authorization", [" "])[0].partition(" ")
        if scheme == "Basic":
            name, _, password = base64.b64decode(shown).decode().partition(":")
            return Given(TOKENS.issue(name, password))
        if scheme != "Bearer":
            raise flight.FlightUnauthenticatedError("no credentials")
        TOKENS.check(shown)


class Given(flight.ServerMiddleware):
    """Answers with the token."""

    def __init__(self, token):
        super().__init__()
        self.token = token

    def sending_headers(self):
        return {"authorization": f"Bearer {self.token}"}


class TokenServer(TableServer):
    def __init__(self, **options):
        pem = lambda name: (FOLDER / f"{name}.pem").read_bytes()
        super(TableServer, self).__init__(
            "grpc+tls://localhost:0",
            tls_certificates=[(pem("first_cert"), pem("first_key"))],
            **options,
        )
        self.tables = {}

    def do_action(self, context, action):
        if action.type in ("revoke", "expire"):
            TOKENS.end(f"{action.type}d")
            return []
        if action.type == "forbidden":
            raise flight.FlightUnauthorizedError("not for ada")
        return super().do_action(context, action)


AUTH = {
    "handshake": {"auth_handler": Handshake()},
    "basic": {"auth_handler": Anyone(), "middleware": {"basic": Basic()}},
}

server = TokenServer(**AUTH[sys.argv[2]])
print(f"grpc+tls://localhost:{server.port}", flush=True)
server.serve()
