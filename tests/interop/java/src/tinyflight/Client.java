package tinyflight;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.flight.Action;
import org.apache.arrow.flight.AsyncPutListener;
import org.apache.arrow.flight.CallOption;
import org.apache.arrow.flight.Criteria;
import org.apache.arrow.flight.FlightClient;
import org.apache.arrow.flight.FlightDescriptor;
import org.apache.arrow.flight.FlightInfo;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.flight.Location;
import org.apache.arrow.flight.Result;
import org.apache.arrow.flight.Ticket;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VectorSchemaRoot;

/** A client of tables by name, over Java's FlightClient. */
final class Client implements AutoCloseable {
  private static final int ROWS = 100_000;
  private static final int BATCHES = 10;

  /** All rows of the table that {@link #put} sends. */
  static final long ALL_ROWS = (long) ROWS * BATCHES;

  final BufferAllocator allocator = new RootAllocator();
  final FlightClient flight;

  /** How a client speaks TLS. */
  record Tls(Path folder, String ca, String certificate, String serverName, boolean verifies) {
    static Tls of(String folder) {
      return new Tls(Path.of(folder), "ca", null, null, true);
    }

    Tls with(String certificate) {
      return new Tls(folder, ca, certificate, serverName, verifies);
    }

    Tls trusting(String ca) {
      return new Tls(folder, ca, certificate, serverName, verifies);
    }

    Tls named(String serverName) {
      return new Tls(folder, ca, certificate, serverName, verifies);
    }

    Tls unverified() {
      return new Tls(folder, null, null, serverName, false);
    }

    InputStream open(String name) throws IOException {
      return new FileInputStream(folder.resolve(name + ".pem").toFile());
    }
  }

  Client(String location) throws IOException {
    this(location, null);
  }

  Client(String location, Tls tls) throws IOException {
    FlightClient.Builder builder = FlightClient.builder(allocator, new Location(URI.create(location)));
    if (tls != null) {
      builder.useTls();
      if (tls.ca() != null) builder.trustedCertificates(tls.open(tls.ca()));
      if (tls.certificate() != null) {
        builder.clientCertificate(
            tls.open(tls.certificate() + "_cert"), tls.open(tls.certificate() + "_key"));
      }
      if (tls.serverName() != null) builder.overrideHostname(tls.serverName());
      if (!tls.verifies()) builder.verifyServer(false);
    }
    flight = builder.build();
  }

  static FlightDescriptor descriptor(String name) {
    return FlightDescriptor.command(name.getBytes(StandardCharsets.UTF_8));
  }

  /** Puts the numbers from 0 on, in several batches. */
  void put(String name, CallOption... options) {
    try (BigIntVector vector = new BigIntVector("x", allocator);
        VectorSchemaRoot root = VectorSchemaRoot.of(vector)) {
      AsyncPutListener listener = new AsyncPutListener();
      FlightClient.ClientStreamListener stream =
          flight.startPut(descriptor(name), root, listener, options);
      for (int batch = 0; batch < BATCHES; batch++) {
        fill(root, (long) batch * ROWS, ROWS);
        stream.putNext();
      }
      stream.completed();
      listener.getResult();
    }
  }

  /** Fills a batch with the numbers from this on. */
  void fill(VectorSchemaRoot root, long first, int rows) {
    BigIntVector vector = (BigIntVector) root.getVector("x");
    vector.allocateNew(rows);
    for (int row = 0; row < rows; row++) vector.set(row, first + row);
    root.setRowCount(rows);
  }

  /** Gets the numbers from 0 on, and gives how many they are. */
  long get(String name, CallOption... options) throws Exception {
    byte[] ticket = name.getBytes(StandardCharsets.UTF_8);
    try (FlightStream stream = flight.getStream(new Ticket(ticket), options)) {
      long next = 0;
      while (stream.next()) next = check(stream.getRoot(), next);
      return next;
    }
  }

  /** Checks that a batch has the numbers from this on, and gives the next one. */
  static long check(VectorSchemaRoot root, long next) {
    BigIntVector vector = (BigIntVector) root.getVector("x");
    for (int row = 0; row < root.getRowCount(); row++) Peer.equal(vector.get(row), next++);
    return next;
  }

  List<String> list(CallOption... options) {
    List<String> names = new ArrayList<>();
    for (FlightInfo info : flight.listFlights(Criteria.ALL, options)) {
      names.add(new String(info.getDescriptor().getCommand(), StandardCharsets.UTF_8));
    }
    return names;
  }

  /** Does an action, and gives its results as one text. */
  String act(String type, String body, CallOption... options) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    StringBuilder text = new StringBuilder();
    for (var results = flight.doAction(new Action(type, bytes), options); results.hasNext(); ) {
      Result result = results.next();
      text.append(new String(result.getBody(), StandardCharsets.UTF_8));
    }
    return text.toString();
  }

  /** Sends batches to a server that sends them back, one by one; gives how many rows. */
  long exchange(CallOption... options) throws Exception {
    try (FlightClient.ExchangeReaderWriter both = flight.doExchange(descriptor("echo"), options);
        BigIntVector vector = new BigIntVector("x", allocator);
        VectorSchemaRoot root = VectorSchemaRoot.of(vector)) {
      both.getWriter().start(root);
      long next = 0;
      for (int batch = 0; batch < BATCHES; batch++) {
        fill(root, next, ROWS);
        both.getWriter().putNext();
        Peer.equal(both.getReader().next(), true);
        next = check(both.getReader().getRoot(), next);
      }
      both.getWriter().completed();
      Peer.equal(both.getReader().next(), false);
      return next;
    }
  }

  @Override
  public void close() throws Exception {
    flight.close();
    allocator.close();
  }
}
