package tinyflight;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.arrow.flight.Action;
import org.apache.arrow.flight.ActionType;
import org.apache.arrow.flight.CallStatus;
import org.apache.arrow.flight.Criteria;
import org.apache.arrow.flight.FlightDescriptor;
import org.apache.arrow.flight.FlightEndpoint;
import org.apache.arrow.flight.FlightInfo;
import org.apache.arrow.flight.FlightServer;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.flight.Location;
import org.apache.arrow.flight.NoOpFlightProducer;
import org.apache.arrow.flight.PutResult;
import org.apache.arrow.flight.Result;
import org.apache.arrow.flight.Ticket;
import org.apache.arrow.flight.auth.BasicServerAuthHandler;
import org.apache.arrow.flight.auth2.BasicCallHeaderAuthenticator;
import org.apache.arrow.flight.auth2.GeneratedBearerTokenAuthenticator;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.apache.arrow.vector.types.pojo.Schema;

/** Keeps tables under what their descriptors' commands say. */
final class TableServer extends NoOpFlightProducer {
  private static final String NAME = "ada";
  private static final String PASSWORD = "love:läce 漢";

  /** A table: an Arrow IPC stream, and what is said of it. */
  private record Table(byte[] stream, Schema schema, long rows) {}

  private final BufferAllocator allocator;
  private final Map<String, Table> tables = new ConcurrentHashMap<>();

  private TableServer(BufferAllocator allocator) {
    this.allocator = allocator;
  }

  /** Says where it listens, and serves until the process is killed. */
  static void serve(String location, String folder, String auth) throws Exception {
    BufferAllocator allocator = new RootAllocator();
    FlightServer.Builder builder =
        FlightServer.builder(allocator, new Location(URI.create(location)), new TableServer(allocator));
    boolean isOverTls = location.startsWith("grpc+tls:");
    if (isOverTls) {
      Path files = Path.of(folder);
      builder.useTls(
          files.resolve("first_cert.pem").toFile(), files.resolve("first_key.pem").toFile());
      builder.useMTlsClientVerification(files.resolve("ca.pem").toFile());
    }
    switch (auth) {
      case "basic" -> builder.headerAuthenticator(
          new GeneratedBearerTokenAuthenticator(
              new BasicCallHeaderAuthenticator(
                  (name, password) -> {
                    check(name, password);
                    return () -> name;
                  })));
      case "handshake" -> builder.authHandler(new BasicServerAuthHandler(new Handshake()));
      default -> {}
    }
    FlightServer server = builder.build().start();
    System.out.printf("%s://localhost:%d%n", isOverTls ? "grpc+tls" : "grpc", server.getPort());
    server.awaitTermination();
  }

  private static void check(String name, String password) {
    if (name.equals(NAME) && password.equals(PASSWORD)) return;
    throw CallStatus.UNAUTHENTICATED.withDescription("wrong password").toRuntimeException();
  }

  /** Gives Ada a token for her password. */
  private static final class Handshake implements BasicServerAuthHandler.BasicAuthValidator {
    private final String token = UUID.randomUUID().toString();

    @Override
    public byte[] getToken(String name, String password) {
      check(name, password);
      return token.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public Optional<String> isValid(byte[] shown) {
      boolean isRight = shown != null && token.equals(new String(shown, StandardCharsets.UTF_8));
      return isRight ? Optional.of(NAME) : Optional.empty();
    }
  }

  @Override
  public Runnable acceptPut(
      CallContext context, FlightStream stream, StreamListener<PutResult> acks) {
    return () -> {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      long rows = 0;
      try (ArrowStreamWriter writer =
          new ArrowStreamWriter(
              stream.getRoot(), stream.getDictionaryProvider(), Channels.newChannel(bytes))) {
        // It has no dictionaries before the first batch, and writes them with it.
        while (stream.next()) {
          rows += stream.getRoot().getRowCount();
          writer.writeBatch();
        }
        writer.end();
      } catch (IOException error) {
        throw CallStatus.INTERNAL.withCause(error).toRuntimeException();
      }
      tables.put(
          name(stream.getDescriptor()), new Table(bytes.toByteArray(), stream.getSchema(), rows));
      acks.onCompleted();
    };
  }

  @Override
  public void getStream(CallContext context, Ticket ticket, ServerStreamListener listener) {
    Table table = find(new String(ticket.getBytes(), StandardCharsets.UTF_8));
    try (ArrowStreamReader reader =
        new ArrowStreamReader(new ByteArrayInputStream(table.stream()), allocator)) {
      // Dictionaries are sent by start(), and come with the first batch.
      boolean hasMore = reader.loadNextBatch();
      listener.start(reader.getVectorSchemaRoot(), reader);
      for (; hasMore; hasMore = reader.loadNextBatch()) listener.putNext();
      listener.completed();
    } catch (IOException error) {
      throw CallStatus.INTERNAL.withCause(error).toRuntimeException();
    }
  }

  @Override
  public void listFlights(
      CallContext context, Criteria criteria, StreamListener<FlightInfo> listener) {
    for (String name : tables.keySet()) listener.onNext(info(name));
    listener.onCompleted();
  }

  @Override
  public FlightInfo getFlightInfo(CallContext context, FlightDescriptor descriptor) {
    return info(name(descriptor));
  }

  @Override
  public void listActions(CallContext context, StreamListener<ActionType> listener) {
    listener.onNext(new ActionType("drop_table", "Forgets a table."));
    listener.onCompleted();
  }

  @Override
  public void doAction(CallContext context, Action action, StreamListener<Result> listener) {
    if (action.getType().equals("who")) {
      listener.onNext(new Result(context.peerIdentity().getBytes(StandardCharsets.UTF_8)));
    } else {
      String name = new String(action.getBody(), StandardCharsets.UTF_8);
      find(name);
      tables.remove(name);
    }
    listener.onCompleted();
  }

  private FlightInfo info(String name) {
    Table table = find(name);
    Ticket ticket = new Ticket(name.getBytes(StandardCharsets.UTF_8));
    return new FlightInfo(
        table.schema(),
        Client.descriptor(name),
        List.of(new FlightEndpoint(ticket)),
        table.stream().length,
        table.rows());
  }

  private Table find(String name) {
    Table table = tables.get(name);
    if (table != null) return table;
    throw CallStatus.NOT_FOUND.withDescription("no table " + name).toRuntimeException();
  }

  private static String name(FlightDescriptor descriptor) {
    return new String(descriptor.getCommand(), StandardCharsets.UTF_8);
  }
}
