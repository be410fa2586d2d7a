/** Clients that may not call, by their certificates, are told why. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { CallHeaders } from "../../rpc/call_headers.ts";
import type {
  ClientTls,
  Listening,
  OutgoingMessage,
  RefusedConnection,
  RpcMethod,
  TransportLimits,
} from "../../rpc/transport.ts";
import { wireClient } from "../../wire/client.ts";
import { wireServer } from "../../wire/server.ts";
import { defaultSockets } from "../../wire/sockets/sockets.ts";
import { Authority } from "../helpers/certificates.ts";
import { FLAGS, FRAMES, PREFACE } from "../helpers/wire/http2_bytes.ts";
import { callFrame, RawPeer, settingsFrame } from "../helpers/wire/raw_peer.ts";
import { LOOPBACK } from "../helpers/wire/socket_pairs.ts";
import { Queue, within } from "../helpers/waiting.ts";

const METHOD: RpcMethod = {
  path: "/test.Service/Call",
  requestStream: true,
  responseStream: true,
};

/** A server that requires certificates, and what its clients need. */
async function start(limits: Partial<TransportLimits> = {}): Promise<
  AsyncDisposable & {
    readonly listening: Listening;
    readonly ca: string;
    readonly certificates: { readonly [name: string]: ClientTls["certificate"] };
    readonly calls: readonly string[];
    readonly refused: Queue<RefusedConnection>;
  }
> {
  await using authority = await Authority.make();
  await using other = await Authority.make("Other");
  const calls: string[] = [];
  const refused = new Queue<RefusedConnection>();
  const listening = await wireServer().listen([METHOD], (call) => {
    calls.push(call.certificate!.commonName!);
    call.end({ code: "OK", message: "", trailers: new CallHeaders() });
  }, {
    address: LOOPBACK,
    tls: {
      certificates: [await authority.issue("DNS:localhost", "IP:127.0.0.1")],
      clientCa: authority.cert,
    },
    limits,
    onRefused: (one) => refused.push(one),
  });
  return {
    listening,
    ca: authority.cert,
    certificates: {
      ada: await authority.issue("DNS:ada.example"),
      eve: await other.issue("DNS:eve.example"),
      late: await authority.issueExpired("DNS:late.example"),
      none: undefined,
    },
    calls,
    refused,
    async [Symbol.asyncDispose]() {
      await listening.close();
    },
  };
}

async function* upload(): AsyncGenerator<OutgoingMessage> {
  const bytes = new Uint8Array(10_000);
  for (let at = 0; at < 20; at++) yield { length: bytes.length, parts: [bytes] };
}

Deno.test("each call of a client that may not call is UNAUTHENTICATED, and says why", async () => {
  await using server = await start();
  const address = { hostname: "127.0.0.1", port: server.listening.port };
  const reasons = {
    none: /^Cannot accept the call: the client shows no certificate, which the server/,
    eve: /: the client's certificate comes from an authority that is not trusted$/,
    late: /: the client's certificate has expired$/,
  };
  for (const [name, reason] of Object.entries(reasons)) {
    const certificate = server.certificates[name];
    const channel = wireClient().connect(address, {
      tls: { ca: server.ca, certificate },
    });
    for (let round = 0; round < 3; round++) {
      const call = channel.call(METHOD, upload(), { headers: new CallHeaders() });
      const { code, message, isLocal = false } = await within(call.status, "a refusal");
      assertEquals([code, isLocal], ["UNAUTHENTICATED", false], message);
      assertMatch(message, reason);
    }
    channel.close();
  }
  assertEquals(server.calls, []);
  const tls = { ca: server.ca, certificate: server.certificates.ada };
  const channel = wireClient().connect(address, { tls });
  const { status } = channel.call(METHOD, upload(), { headers: new CallHeaders() });
  assertEquals((await within(status, "the status")).code, "OK");
  assertEquals(server.calls, ["ada.example"]);
  channel.close();
});

/** A client by hand that shows no certificate. */
async function connect({ listening, ca }: {
  readonly listening: Listening;
  readonly ca: string;
}): Promise<RawPeer> {
  const socket = await defaultSockets().connect(
    { hostname: "127.0.0.1", port: listening.port },
    { tls: { ca }, signal: new AbortController().signal },
  );
  return new RawPeer(socket);
}

Deno.test("a client that may not call is answered once, whatever it sends before", async () => {
  await using server = await start();
  const peer = await connect(server);
  await peer.sayHello(
    settingsFrame(),
    { type: FRAMES.PING, stream: 0, payload: new Uint8Array(8) },
    { type: 0xee, stream: 7, payload: new Uint8Array(1000) },
    callFrame(5, METHOD.path),
    callFrame(7, METHOD.path),
  );
  await peer.until(FRAMES.SETTINGS, { flags: FLAGS.ACK });
  const answer = await peer.until(FRAMES.HEADERS, { stream: 5 });
  assert((answer.flags & FLAGS.END_STREAM) !== 0);
  const { payload } = await peer.until(FRAMES.GOAWAY);
  const view = new DataView(payload.buffer, payload.byteOffset);
  assertEquals([view.getUint32(0), view.getUint32(4)], [5, 0]);
  assertEquals(await peer.next(), undefined);
  peer.socket.close();
});

Deno.test("a client that may not call and does not speak HTTP/2 is not answered", async () => {
  const wrong: readonly (readonly Uint8Array[])[] = [
    [new TextEncoder().encode("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")],
    // A frame that is larger than is allowed.
    [PREFACE, new Uint8Array([0xff, 0xff, 0xff, 4, 0, 0, 0, 0, 0])],
    // A call on a stream of the server's.
    [PREFACE, new Uint8Array([0, 0, 0, 1, 4, 0, 0, 0, 2])],
  ];
  await using server = await start();
  for (const parts of wrong) {
    const peer = await connect(server);
    await peer.socket.write(parts);
    const settings = await peer.next();
    assertEquals(settings?.type, FRAMES.SETTINGS);
    assertEquals(await peer.next().catch(() => undefined), undefined);
    peer.socket.close();
  }
});

Deno.test("a server is told of each connection that it refuses, and why", async () => {
  await using server = await start({ maxConnections: 2, maxPeerConnections: 1 });
  const { port } = server.listening;
  const next = async () => {
    const { peer, reason } = await server.refused.next();
    assertEquals(peer, "127.0.0.1");
    return reason;
  };
  const peer = await connect(server);
  assertMatch(await next(), /^the client shows no certificate/);
  peer.socket.close();
  // Its place is free when the server has seen that.
  let reason: string;
  do {
    const plain = await Deno.connect({ hostname: "127.0.0.1", port });
    await plain.write(new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n")).catch(
      () => {},
    );
    plain.close();
    reason = await next();
  } while (reason.includes("connections are open"));
  assertEquals(reason, "the client did not complete the TLS handshake");
  using _first = await Deno.connect({ hostname: "127.0.0.1", port });
  using _second = await Deno.connect({ hostname: "127.0.0.1", port });
  assertEquals(await next(), "1 connections are open, the most (maxPeerConnections)");
});

Deno.test("a server whose onRefused throws goes on", async () => {
  await using authority = await Authority.make();
  const uncaught = Promise.withResolvers<unknown>();
  const onError = (event: ErrorEvent) => {
    event.preventDefault();
    uncaught.resolve(event.error);
  };
  globalThis.addEventListener("error", onError);
  const error = new Error("the log is full");
  const listening = await wireServer().listen([METHOD], () => {}, {
    address: LOOPBACK,
    tls: { certificates: [await authority.issue("DNS:localhost", "IP:127.0.0.1")] },
    limits: { maxConnections: 0 },
    onRefused: () => {
      throw error;
    },
  });
  using _ = await Deno.connect({ hostname: "127.0.0.1", port: listening.port });
  assertEquals(await within(uncaught.promise, "the error"), error);
  globalThis.removeEventListener("error", onError);
  await listening.close();
});
