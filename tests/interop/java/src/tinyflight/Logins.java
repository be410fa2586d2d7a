package tinyflight;

import static org.apache.arrow.flight.FlightStatusCode.UNAUTHENTICATED;
import static org.apache.arrow.flight.FlightStatusCode.UNAUTHORIZED;
import static tinyflight.Peer.equal;
import static tinyflight.Peer.fails;
import static tinyflight.Peer.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.apache.arrow.flight.CallHeaders;
import org.apache.arrow.flight.CallOption;
import org.apache.arrow.flight.FlightCallHeaders;
import org.apache.arrow.flight.HeaderCallOption;
import org.apache.arrow.flight.auth.BasicClientAuthHandler;
import org.apache.arrow.flight.auth2.BearerCredentialWriter;
import org.apache.arrow.flight.grpc.CredentialCallOption;

/** Logins with right, wrong, missing, expired and revoked credentials. */
final class Logins {
  private static final String WRONG = "its name or password is wrong";
  private static final String REVOKED = "its token was revoked; log in again";

  static void tryAll(String plain, String told, String tls, String toldOverTls, String folder)
      throws Exception {
    ObjectMapper json = new ObjectMapper();
    new Logins(json.readTree(told), plain, null, "without TLS").tryAll();
    new Logins(json.readTree(toldOverTls), tls, Client.Tls.of(folder), "over TLS").tryAll();
  }

  private final JsonNode known;
  private final String location;
  private final Client.Tls tls;
  private final String how;

  private Logins(JsonNode known, String location, Client.Tls tls, String how) {
    this.known = known;
    this.location = location;
    this.tls = tls;
    this.how = how;
  }

  private void tryAll() throws Exception {
    tryTokens();
    tryBasic();
    tryHandshake();
  }

  private String told(String name) {
    return known.get(name).asText();
  }

  /** What a case does with a client of its own. */
  private interface Use {
    void use(Client client) throws Exception;
  }

  private void one(String name, Use use) throws Exception {
    report(name + ", " + how, () -> {
      try (Client client = new Client(location, tls)) {
        use.use(client);
      }
    });
  }

  private void tryTokens() throws Exception {
    one("a call without a token is refused", (client) ->
        refused(client, "it came without a token"));
    one("a token that was given out before is enough", (client) -> {
      equal(client.act("who", "", bearer(told("token"))), told("name"));
      equal(client.act("who", "", header("Bearer " + told("token"))), told("name"));
    });
    Map<String, String> texts = Map.of(
        "unknownToken", "its token is not valid",
        "expiredToken", "its token has expired",
        "expiredLogin", "its token has expired; log in again");
    for (Map.Entry<String, String> entry : texts.entrySet()) {
      one("no valid token: " + entry.getKey(), (client) ->
          refused(client, entry.getValue(), bearer(told(entry.getKey()))));
    }
  }

  private void tryBasic() throws Exception {
    one("authenticateBasicToken gives a token for all calls", (client) -> {
      CallOption token = login(client);
      client.put("public/table", token);
      equal(client.get("public/table", token), Client.ALL_ROWS);
      equal(client.act("who", "", token), told("name"));
    });
    for (List<String> pair : List.of(
        List.of(told("name"), "x"), List.of("eve", told("password")))) {
      one("authenticateBasicToken is refused for " + pair.get(0), (client) ->
          fails(UNAUTHENTICATED, WRONG, () ->
              client.flight.authenticateBasicToken(pair.get(0), pair.get(1))));
    }
    one("a token of authenticateBasicToken is refused once it was revoked", (client) -> {
      CredentialCallOption token = login(client);
      client.act("revoke", "", token);
      refused(client, REVOKED, token);
      equal(client.act("who", "", login(client)), told("name"));
    });
    one("what the rules do not allow is UNAUTHORIZED", (client) -> {
      CallOption reader = client.flight
          .authenticateBasicToken(told("reader"), told("readerPassword")).get();
      equal(client.list(reader), List.of("public/table"));
      fails(UNAUTHORIZED, "the server's rules do not allow it to \"bob\"", () ->
          client.put("public/table", reader));
    });
  }

  private void tryHandshake() throws Exception {
    one("a handshake gives a token for all calls", (client) -> {
      client.flight.authenticateBasic(told("name"), told("password"));
      equal(client.act("who", ""), told("name"));
      client.put("table");
      equal(client.get("table"), Client.ALL_ROWS);
    });
    one("a handshake with a wrong password is refused", (client) -> {
      fails(UNAUTHENTICATED, WRONG, () ->
          client.flight.authenticate(new Handshake("x")));
      refused(client, "it came without a token");
    });
    one("a token of a handshake is refused once it was revoked", (client) -> {
      Handshake handshake = new Handshake(told("password"));
      client.flight.authenticate(handshake);
      client.act("revoke", handshake.token());
      refused(client, REVOKED);
    });
  }

  private CredentialCallOption login(Client client) {
    return client.flight.authenticateBasicToken(told("name"), told("password")).get();
  }

  /** Fails unless calls of every kind are refused with this text. */
  private static void refused(Client client, String text, CallOption... options) throws Exception {
    List<Peer.Run> calls = List.of(
        () -> client.list(options),
        () -> client.flight.getInfo(Client.descriptor("table"), options),
        () -> client.flight.getSchema(Client.descriptor("table"), options),
        () -> client.get("table", options),
        () -> client.put("table", options),
        () -> client.act("who", "", options),
        () -> client.flight.listActions(options).iterator().hasNext(),
        () -> client.exchange(options));
    for (Peer.Run call : calls) fails(UNAUTHENTICATED, text, call);
  }

  private static CallOption bearer(String token) {
    return new CredentialCallOption(new BearerCredentialWriter(token));
  }

  private static CallOption header(String value) {
    CallHeaders headers = new FlightCallHeaders();
    headers.insert("authorization", value);
    return new HeaderCallOption(headers);
  }

  /** A handshake of which the token is known. */
  private final class Handshake extends BasicClientAuthHandler {
    Handshake(String password) {
      super(told("name"), password);
    }

    String token() {
      return new String(getCallToken(), StandardCharsets.UTF_8);
    }
  }
}
