package tinyflight;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.HashMap;
import java.util.Map;
import org.apache.arrow.flight.FlightRuntimeException;
import org.apache.arrow.flight.FlightStatusCode;

/**
 * Clients and a server of Arrow Flight in Java, over netty.
 *
 * <pre>
 * Peer tables PLAIN TLS MTLS EXPIRED FOLDER
 * Peer logins PLAIN CREDENTIALS TLS CREDENTIALS FOLDER
 * Peer server LOCATION FOLDER [basic | handshake]
 * </pre>
 *
 * PLAIN and the other words in capitals are locations. FOLDER has the certificates of
 * ../../tls/certificates.ts, CREDENTIALS are those of ../../logins/login_server.ts as
 * JSON. The clients report each case as a line of JSON, as ../../python/cases.py does.
 */
final class Peer {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What may fail in any way. */
  interface Run {
    void run() throws Exception;
  }

  public static void main(String[] words) throws Exception {
    switch (words[0]) {
      case "tables" -> Tables.tryAll(words[1], words[2], words[3], words[4], words[5]);
      case "logins" -> Logins.tryAll(words[1], words[2], words[3], words[4], words[5]);
      case "server" -> TableServer.serve(words[1], words[2], words.length > 3 ? words[3] : "");
      default -> throw new IllegalArgumentException(words[0]);
    }
  }

  /** Runs a case, and reports what it has thrown. */
  static void report(String name, Run run) throws Exception {
    Map<String, String> line = new HashMap<>();
    line.put("name", name);
    line.put("error", null);
    try {
      run.run();
    } catch (Exception | AssertionError error) {
      StringBuilder text = new StringBuilder(error.toString());
      for (StackTraceElement at : error.getStackTrace()) text.append("\n  at ").append(at);
      line.put("error", text.toString());
    }
    System.out.println(JSON.writeValueAsString(line));
  }

  /** Fails unless both are equal. */
  static void equal(Object found, Object expected) {
    if (!expected.equals(found)) {
      throw new AssertionError("found " + found + ", expected " + expected);
    }
  }

  /** Fails unless this fails with an error of this code and this text. */
  static void fails(FlightStatusCode code, String text, Run run) throws Exception {
    try {
      run.run();
    } catch (FlightRuntimeException error) {
      String message = String.valueOf(error.getMessage());
      if (error.status().code() == code && message.contains(text)) return;
      throw new AssertionError(
          "found " + error.status().code() + " " + message + ", expected " + code + " " + text,
          error);
    }
    throw new AssertionError("nothing was thrown, expected " + code + " " + text);
  }
}
