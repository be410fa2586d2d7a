package tinyflight;

import static org.apache.arrow.flight.FlightStatusCode.UNAUTHENTICATED;
import static org.apache.arrow.flight.FlightStatusCode.UNAVAILABLE;
import static tinyflight.Peer.equal;
import static tinyflight.Peer.fails;
import static tinyflight.Peer.report;

import java.util.List;
import java.util.stream.StreamSupport;
import org.apache.arrow.flight.FlightInfo;
import org.apache.arrow.flight.FlightStatusCode;

/** Tables that come and go, with good and bad certificates. */
final class Tables {
  static void tryAll(String plain, String tls, String mtls, String expired, String folder)
      throws Exception {
    Client.Tls trusting = Client.Tls.of(folder);
    Client.Tls ada = trusting.with("ada");
    tryCalls("without TLS", plain, null);
    tryCalls("over TLS", tls, trusting);
    tryCalls("with a certificate", mtls, ada);
    report("the server knows the client", () -> {
      try (Client client = new Client(mtls, ada)) {
        equal(client.act("who", ""), "ada.example DNS:ada.example,URI:spiffe://a/b");
      }
    });
    tryUnknown("a client without a certificate is told so", mtls, trusting,
        "the client shows no certificate, which the server requires");
    // netty shows no certificate of an authority that the server has not named.
    tryUnknown("a certificate of another authority is refused", mtls, trusting.with("eve"),
        "the client shows no certificate, which the server requires");
    tryUnknown("a certificate that has expired is refused", mtls, trusting.with("late"),
        "the client's certificate has expired");
    tryRefused("a server of another authority is refused", tls, trusting.trusting("other_ca"));
    tryRefused("a server with another name is refused", tls, trusting.named("wrong.example"));
    tryRefused("a server whose certificate has expired is refused", expired, trusting);
    tryRefused("a server that speaks TLS is not called without", tls.replace("+tls", "+tcp"), null);
    report("the server has a certificate for another name, and lives on", () -> {
      try (Client client = new Client(mtls, ada.named("second.example"))) {
        equal(client.list(), List.of());
      }
    });
    report("a client need not verify the server", () -> {
      try (Client client = new Client(tls, trusting.unverified())) {
        equal(client.list(), List.of());
      }
    });
  }

  private static void tryCalls(String how, String location, Client.Tls tls) throws Exception {
    try (Client client = new Client(location, tls)) {
      report("a table comes back as it was put, " + how, () -> {
        client.put("table");
        equal(client.get("table"), Client.ALL_ROWS);
      });
      report("list, info and schema, " + how, () -> {
        equal(client.list(), List.of("table"));
        FlightInfo info = client.flight.getInfo(Client.descriptor("table"));
        equal(info.getRecords(), Client.ALL_ROWS);
        equal(info.getSchema().toString(), "Schema<x: Int(64, true)>");
        equal(client.flight.getSchema(Client.descriptor("table")).getSchema(), info.getSchema());
      });
      report("an exchange goes to and fro, " + how, () ->
          equal(client.exchange(), Client.ALL_ROWS));
      report("actions, " + how, () -> {
        var types = StreamSupport.stream(client.flight.listActions().spliterator(), false);
        equal(types.anyMatch((action) -> action.getType().equals("drop_table")), true);
        client.act("drop_table", "table");
        equal(client.list(), List.of());
      });
    }
  }

  /** Fails unless the client does not connect. */
  private static void tryRefused(String name, String location, Client.Tls tls) throws Exception {
    tryFailure(name, location, tls, UNAVAILABLE, "");
  }

  /** Fails unless the server does not let the client call, and says this. */
  private static void tryUnknown(String name, String location, Client.Tls tls, String text)
      throws Exception {
    tryFailure(name, location, tls, UNAUTHENTICATED, text);
  }

  private static void tryFailure(
      String name, String location, Client.Tls tls, FlightStatusCode code, String text)
      throws Exception {
    report(name, () -> {
      try (Client client = new Client(location, tls)) {
        fails(code, text, () -> client.list());
        fails(code, "", () -> client.put("table"));
      }
    });
  }
}
