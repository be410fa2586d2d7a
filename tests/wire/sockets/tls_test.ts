/** Sockets over TLS. */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import net from "node:net";
import tls from "node:tls";
import { defaultSockets } from "../../../wire/sockets/sockets.ts";
import type { PendingSocket, Socket } from "../../../wire/sockets/socket.ts";
import { Authority } from "../../helpers/certificates.ts";
import {
  bytesOf,
  checkBackpressure,
  LOOPBACK,
  readAll,
} from "../../helpers/wire/socket_pairs.ts";
import { Queue } from "../../helpers/waiting.ts";
import { closeServer, openTlsPair, startServer } from "../../helpers/wire/tls_pairs.ts";

const NEVER = new AbortController().signal;

Deno.test("TLS carries bytes both ways, whatever the sizes of the parts", async () => {
  await using pair = await openTlsPair();
  const parts = [1, 9, 16_385, 300_000, 5, 70_000].map((size) => bytesOf(size, size));
  const all = new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer());
  for (const [from, to] of [[pair.client, pair.server], [pair.server, pair.client]]) {
    for (const piece of [1_000, 100_000]) {
      const [read] = await Promise.all([
        readAll(to, all.length, piece),
        from.write(parts),
      ]);
      assertEquals(read, all);
    }
  }
});

Deno.test("TLS does not write ahead of a reader who does not read", async () => {
  await using pair = await openTlsPair();
  await checkBackpressure(pair);
});

Deno.test("TLS closes for writing, and still reads", async () => {
  await using pair = await openTlsPair();
  await pair.client.write([bytesOf(10)]);
  await pair.client.closeWrite();
  assertEquals(await readAll(pair.server), bytesOf(10));
  await pair.server.write([bytesOf(1_000_000)]);
  await pair.server.closeWrite();
  assertEquals(await readAll(pair.client), bytesOf(1_000_000));
});

Deno.test("TLS ends what waits when a socket is closed", async () => {
  await using pair = await openTlsPair();
  const reading = assertRejects(() => pair.client.read(new Uint8Array(8)), Error);
  const writing = assertRejects(async () => {
    while (true) await pair.client.write([bytesOf(4_000_000)]);
  }, Error);
  pair.client.close();
  await Promise.all([reading, writing]);
  assertEquals((await pair.server.read(new Uint8Array(8_000_000))) === 0, false);
});

Deno.test("TLS answers small messages without waiting for an ACK", async () => {
  await using pair = await openTlsPair();
  const answering = (async () => {
    const target = new Uint8Array(100);
    while (await pair.server.read(target) !== null) {
      for (let part = 0; part < 3; part++) await pair.server.write([bytesOf(20)]);
    }
  })();
  const times: number[] = [];
  for (let round = 0; round < 50; round++) {
    const start = performance.now();
    await pair.client.write([bytesOf(20)]);
    await readAll(pair.client, 60);
    times.push(performance.now() - start);
  }
  // With Nagle's algorithm each round would wait 40 ms, on a busy machine some take as long.
  const median = times.sort((one, other) => one - other)[times.length / 2];
  assert(median < 20, `${median} ms`);
  await pair.client.closeWrite();
  await answering;
});

Deno.test("TLS is spoken in versions 1.2 and 1.3, with h2 agreed on", async () => {
  await using authority = await Authority.make();
  const certificate = await authority.issue("DNS:localhost");
  const outcomes = new Queue<string>();
  const listener = await defaultSockets().listen(
    LOOPBACK,
    { tls: { certificates: [certificate] } },
    (pending) => {
      pending.open().then(
        (socket) => {
          outcomes.push("opened");
          socket.close();
        },
        (error) => outcomes.push(error.message),
      );
    },
  );
  const connect = async (options: tls.ConnectionOptions) => {
    const socket = tls.connect({
      port: listener.port,
      host: "127.0.0.1",
      servername: "localhost",
      ca: authority.cert,
      ...options,
    });
    socket.on("error", () => {});
    await new Promise((resolve) => socket.once("close", resolve).resume());
  };
  const refused = 'the client does not offer HTTP/2 ("h2" by ALPN)';
  const cases: readonly (readonly [tls.ConnectionOptions, string])[] = [
    [{ ALPNProtocols: ["h2"], maxVersion: "TLSv1.2" }, "opened"],
    [{ ALPNProtocols: ["http/1.1", "h2"], minVersion: "TLSv1.3" }, "opened"],
    [{ ALPNProtocols: ["http/1.1"] }, refused],
    [{}, refused],
  ];
  for (const [options, outcome] of cases) {
    await connect(options);
    assertEquals(await outcomes.next(), outcome);
  }
  await listener.close();
});

Deno.test("a TLS server has a certificate for each name, or else the first", async () => {
  await using authority = await Authority.make();
  const certificates = [
    await authority.issue("DNS:a.example", "IP:127.0.0.1"),
    await authority.issue("DNS:B.example", "DNS:*.c.example"),
    await authority.issue("DNS:x.c.example"),
  ];
  const listener = await defaultSockets().listen(
    LOOPBACK,
    { tls: { certificates } },
    (pending) => {
      pending.open().then((socket) => socket.close(), () => {});
    },
  );
  const nameOf = async (servername?: string) => {
    const socket = tls.connect({
      port: listener.port,
      host: "127.0.0.1",
      servername,
      ca: authority.cert,
      ALPNProtocols: ["h2"],
      checkServerIdentity: () => undefined,
    });
    await new Promise((resolve) => socket.once("secureConnect", resolve));
    const { subject } = socket.getPeerCertificate();
    await new Promise((resolve) => socket.once("close", resolve).destroy());
    return subject.CN;
  };
  assertEquals(await nameOf("a.example"), "a.example");
  assertEquals(await nameOf("b.EXAMPLE"), "B.example");
  assertEquals(await nameOf("x.c.example"), "B.example");
  assertEquals(await nameOf("y.x.c.example"), "a.example");
  assertEquals(await nameOf("c.example"), "a.example");
  assertEquals(await nameOf(), "a.example");
  await listener.close();
});

Deno.test("setTls() changes the certificates, and refuses no connection", async () => {
  await using first = await Authority.make("First");
  await using second = await Authority.make("Second");
  const names = ["DNS:localhost", "IP:127.0.0.1"];
  const old = { certificates: [await first.issue(...names)] };
  const fresh = { certificates: [await second.issue(...names)] };
  const sockets = defaultSockets();
  const listener = await sockets.listen(LOOPBACK, { tls: old }, (pending) => {
    pending.open().then(async (socket) => {
      await socket.write([bytesOf(1)]);
      await socket.closeWrite();
      while (await socket.read(new Uint8Array(8)) !== null);
      socket.close();
    }, () => {});
  });
  const connect = async (ca: string) => {
    const address = { hostname: "127.0.0.1", port: listener.port };
    const socket = await sockets.connect(address, { tls: { ca }, signal: NEVER });
    assertEquals(await readAll(socket), bytesOf(1));
    await socket.closeWrite();
    socket.close();
  };
  const both = first.cert + second.cert;
  let isOver = false;
  let count = 0;
  const clients = Array.from({ length: 4 }, async () => {
    while (!isOver) {
      await connect(both);
      count++;
    }
  });
  const until = async (wanted: number) => {
    while (count < wanted) await new Promise((resolve) => setTimeout(resolve, 1));
  };
  await connect(first.cert);
  try {
    for (const tls of [fresh, old, fresh]) {
      await until(count + 10);
      await listener.setTls(tls);
    }
    await until(count + 10);
  } finally {
    isOver = true;
  }
  await Promise.all(clients);
  await connect(second.cert);
  await assertRejects(() => connect(first.cert), Error, "not trusted");
  await assertRejects(
    () => listener.setTls({ certificates: [] }),
    TypeError,
    "one certificate is needed",
  );
  await connect(second.cert);
  await listener.close();
  const plain = await sockets.listen(LOOPBACK, {}, (pending) => pending.close());
  await assertRejects(() => plain.setTls(fresh), TypeError, "listens without TLS");
  await plain.close();
});

Deno.test("a TLS server knows the clients by their certificates", async () => {
  await using authority = await Authority.make();
  await using other = await Authority.make("Other");
  const ada = await authority.issue("DNS:ada.example", "URI:spiffe://a/b", "IP:::1");
  const eve = await other.issue("DNS:eve.example");
  const old = await authority.issueExpired("DNS:old.example");
  for (const requireClientCertificate of [undefined, true, false]) {
    const serverTls = { clientCa: authority.cert, requireClientCertificate };
    await using pair = await openTlsPair({
      serverTls,
      clientTls: { certificate: ada },
    });
    const { certificate } = pair.server.peer;
    assertEquals(certificate?.commonName, "ada.example");
    assertEquals(certificate?.alternativeNames, [
      "DNS:ada.example",
      "URI:spiffe://a/b",
      "IP:::1",
    ]);
    assertMatch(certificate!.fingerprint, /^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
    assertEquals(pair.server.peer.refusal, undefined);
    for (
      const [certificate, refusal] of [
        [eve, "the client's certificate comes from an authority that is not trusted"],
        [old, "the client's certificate has expired"],
      ] as const
    ) {
      await using pair = await openTlsPair({ serverTls, clientTls: { certificate } });
      assertEquals(pair.server.peer.refusal, refusal);
      assertEquals(pair.server.peer.certificate, undefined);
    }
    if (requireClientCertificate === false) {
      await using anonymous = await openTlsPair({ serverTls });
      assertEquals(anonymous.server.peer.certificate, undefined);
      assertEquals(anonymous.server.peer.refusal, undefined);
    } else {
      await using anonymous = await openTlsPair({ serverTls });
      assertEquals(
        anonymous.server.peer.refusal,
        "the client shows no certificate, which the server requires",
      );
    }
  }
});

Deno.test("a TLS handshake can be given up, on both sides", async () => {
  await using authority = await Authority.make();
  const certificates = [await authority.issue("DNS:localhost", "IP:127.0.0.1")];
  const accepted = Promise.withResolvers<[PendingSocket, Promise<Socket>]>();
  const listener = await defaultSockets().listen(
    LOOPBACK,
    { tls: { certificates } },
    (pending) => accepted.resolve([pending, pending.open()]),
  );
  const half = net.connect(listener.port, "127.0.0.1");
  half.on("error", () => {});
  half.write(new Uint8Array([22, 3, 1, 2, 0, 1]));
  const [pending, opening] = await accepted.promise;
  const failing = assertRejects(() => opening, Error, "did not complete");
  pending.close();
  await failing;
  await new Promise((resolve) => half.once("close", resolve).resume());
  await listener.close();

  const silent = net.createServer();
  const port = await startServer(silent);
  const giveUp = new AbortController();
  const connecting = assertRejects(
    () =>
      defaultSockets().connect({ hostname: "127.0.0.1", port }, {
        tls: { ca: authority.cert },
        signal: giveUp.signal,
      }),
    Error,
    "enough",
  );
  const [peer] = await new Promise<[net.Socket]>((resolve) =>
    silent.once("connection", (socket) => resolve([socket]))
  );
  await new Promise((resolve) => peer.once("data", resolve));
  giveUp.abort(new Error("enough"));
  await connecting;
  await closeServer(silent);
});

Deno.test("a TLS client that leaves within the handshake is noticed", async () => {
  await using authority = await Authority.make();
  const certificates = [await authority.issue("DNS:localhost")];
  const opened = Promise.withResolvers<Socket>();
  const listener = await defaultSockets().listen(
    LOOPBACK,
    { tls: { certificates } },
    (pending) => void pending.open().then(opened.resolve, opened.reject),
  );
  const client = await Deno.connect({ hostname: "127.0.0.1", port: listener.port });
  await client.write(new Uint8Array([22, 3, 1, 2, 0, 1]));
  client.close();
  await assertRejects(() => opened.promise, Error, "did not complete");
  await listener.close();
});
