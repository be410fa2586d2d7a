/** Sockets without TLS, those of Deno and those of `node:net`. */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import net from "node:net";
import { denoSockets, nodeSockets } from "../../../wire/sockets/sockets.ts";
import type { PendingSocket, Socket, Sockets } from "../../../wire/sockets/socket.ts";
import {
  at,
  bytesOf,
  checkBackpressure,
  LOOPBACK,
  readAll,
  SocketPair,
} from "../../helpers/wire/socket_pairs.ts";

const KINDS: readonly (readonly [string, () => Sockets])[] = [
  ["denoSockets()", denoSockets],
  ["nodeSockets()", nodeSockets],
];
const NEVER = new AbortController().signal;

for (const [kind, make] of KINDS) {
  const test = (does: string, run: () => Promise<void>) =>
    Deno.test(`${kind} ${does}`, run);

  test("carry bytes both ways, whatever the sizes of the parts", async () => {
    await using pair = await SocketPair.open(make());
    const sizes = [1, 9, 16_384, 16_385, 65_536, 5, 300_000, 40_000, 20_000, 3, 70_000];
    const parts = sizes.map((size, index) => bytesOf(size, index));
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

  test("write parts one by one as well", async () => {
    await using pair = await SocketPair.open(make());
    const parts = Array.from({ length: 500 }, (_, index) => bytesOf(index, index));
    const all = new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer());
    const writing = (async () => {
      for (const part of parts) await pair.server.write([part]);
    })();
    assertEquals(await readAll(pair.client, all.length), all);
    await writing;
  });

  test("do not write ahead of a reader who does not read", async () => {
    await using pair = await SocketPair.open(make());
    await checkBackpressure(pair);
  });

  test("close for writing, and still read", async () => {
    await using pair = await SocketPair.open(make());
    await pair.client.write([bytesOf(10)]);
    await pair.client.closeWrite();
    assertEquals(await readAll(pair.server), bytesOf(10));
    assertEquals(await pair.server.read(new Uint8Array(8)), null);
    await pair.server.write([bytesOf(100_000)]);
    await pair.server.closeWrite();
    assertEquals(await readAll(pair.client), bytesOf(100_000));
    assertEquals(await pair.client.read(new Uint8Array(8)), null);
  });

  test("give null when the peer has closed", async () => {
    await using pair = await SocketPair.open(make());
    pair.client.close();
    assertEquals(await pair.server.read(new Uint8Array(8)), null);
  });

  test("tell that the peer has reset the connection", async () => {
    const sockets = make();
    const opened = Promise.withResolvers<Socket>();
    const listener = await sockets.listen(LOOPBACK, {}, (pending) => {
      pending.open().then(opened.resolve, opened.reject);
    });
    const peer = net.connect(listener.port, "127.0.0.1");
    const socket = await opened.promise;
    await socket.write([bytesOf(5)]);
    await new Promise((resolve) => peer.once("data", resolve));
    const reading = assertRejects(
      () => socket.read(new Uint8Array(8)),
      Error,
      "connection reset by the peer",
    );
    peer.resetAndDestroy();
    await reading;
    socket.close();
    await listener.close();
  });

  test("tell that the peer is gone when a write fails", async () => {
    await using pair = await SocketPair.open(make());
    pair.client.close();
    const error = await assertRejects(async () => {
      while (true) await pair.server.write([bytesOf(1_000_000)]);
    }, Error);
    assertMatch(
      error.message,
      /^(connection reset by the peer|the peer has closed the connection)$/,
    );
  });

  test("end what waits when they are closed", async () => {
    await using pair = await SocketPair.open(make());
    const { client } = pair;
    const reading = assertRejects(
      () => client.read(new Uint8Array(8)),
      Error,
      "closed",
    );
    const writing = assertRejects(
      async () => {
        while (true) await client.write([bytesOf(4_000_000)]);
      },
      Error,
      "closed",
    );
    client.close();
    client.close();
    await Promise.all([reading, writing]);
    await assertRejects(() => client.read(new Uint8Array(8)), Error, "closed");
    await assertRejects(() => client.write([bytesOf(8)]), Error);
    await assertRejects(() => client.closeWrite(), Error);
  });

  test("know their peers", async () => {
    for (const [hostname, pattern] of ADDRESSES) {
      await using pair = await SocketPair.open(make(), {
        address: { hostname, port: 0 },
      });
      assertMatch(pair.server.peer.address, pattern);
      assertEquals(pair.server.peer.hostname, hostname);
      assertEquals(pair.server.peer.certificate, undefined);
      const { port } = pair.listener;
      const shown = hostname.includes(":")
        ? `[${hostname}]:${port}`
        : `${hostname}:${port}`;
      assertEquals(pair.client.peer.address, shown);
      assert(pair.listener.loopback);
    }
  });

  test("listen on every address of a host", async () => {
    const listener = await make().listen(
      { hostname: "localhost", port: 0 },
      {},
      refuse,
    );
    const { port } = listener;
    assert(port > 0 && listener.loopback);
    const socket = await make().connect({ hostname: "localhost", port }, {
      signal: NEVER,
    });
    socket.close();
    await listener.close();
    const everywhere = await make().listen(
      { hostname: "0.0.0.0", port: 0 },
      {},
      refuse,
    );
    assertEquals(everywhere.loopback, false);
    await everywhere.close();
  });

  test("tell why they cannot listen", async () => {
    const sockets = make();
    const listener = await sockets.listen(LOOPBACK, {}, refuse);
    const { port } = listener;
    await assertRejects(
      () => sockets.listen({ hostname: "127.0.0.1", port }, {}, refuse),
      Error,
      `Cannot listen on "127.0.0.1:${port}": the port is in use`,
    );
    await listener.close();
    await assertRejects(
      () => sockets.listen({ hostname: "no-such-host.invalid", port: 0 }, {}, refuse),
      Error,
      'Cannot listen on "no-such-host.invalid": there is no such host',
    );
  });

  test("tell why they cannot connect", async () => {
    const sockets = make();
    const listener = await sockets.listen(LOOPBACK, {}, refuse);
    const { port } = listener;
    await listener.close();
    await assertRejects(
      () => sockets.connect({ hostname: "127.0.0.1", port }, { signal: NEVER }),
      Error,
      `connection refused by 127.0.0.1:${port}`,
    );
    await assertRejects(
      () => sockets.connect({ hostname: "no-host.invalid", port }, { signal: NEVER }),
      Error,
      `no connection to no-host.invalid:${port}: there is no such host`,
    );
    await assertRejects(
      () => sockets.connect({ path: "/no/such/socket" }, { signal: NEVER }),
      Error,
      "there is no Unix socket /no/such/socket",
    );
    await assertRejects(
      () =>
        sockets.connect({ hostname: "127.0.0.1", port }, {
          signal: AbortSignal.abort(new Error("enough")),
        }),
      Error,
      "enough",
    );
  });

  test("accept no more when the listener is closed, but keep what they have", async () => {
    await using pair = await SocketPair.open(make());
    const address = at(LOOPBACK, pair.listener);
    await pair.listener.close();
    await pair.listener.close();
    await assertRejects(
      () => make().connect(address, { signal: NEVER }),
      Error,
      "connection refused",
    );
    await pair.client.write([bytesOf(3)]);
    assertEquals(await readAll(pair.server, 3), bytesOf(3));
  });

  test("speak over Unix sockets, whose file goes with the listener", async () => {
    const folder = await Deno.makeTempDir();
    const address = { path: `${folder}/socket` };
    {
      await using pair = await SocketPair.open(make(), { address });
      assertEquals(pair.server.peer.address, "unix:");
      assertEquals(pair.server.peer.hostname, undefined);
      assertEquals(pair.listener.port, 0);
      assert(pair.listener.loopback);
      await pair.client.write([bytesOf(100_000)]);
      await pair.client.closeWrite();
      assertEquals(await readAll(pair.server), bytesOf(100_000));
      await assertRejects(
        () => make().listen(address, {}, refuse),
        Error,
        `Cannot listen on "${address.path}": another server listens there`,
      );
    }
    await assertRejects(() => Deno.lstat(address.path), Deno.errors.NotFound);
    await Deno.remove(folder, { recursive: true });
  });

  test("replace the file of a server that has died, and no other", async () => {
    const folder = await Deno.makeTempDir();
    const address = { path: `${folder}/socket` };
    await leaveSocketFile(address.path);
    {
      await using pair = await SocketPair.open(make(), { address });
      await pair.client.write([bytesOf(3)]);
      assertEquals(await readAll(pair.server, 3), bytesOf(3));
    }
    await Deno.writeTextFile(address.path, "precious");
    await assertRejects(
      () => make().listen(address, {}, refuse),
      Error,
      `Cannot listen on "${address.path}": another file is there`,
    );
    assertEquals(await Deno.readTextFile(address.path), "precious");
    await assertRejects(
      () => make().listen({ path: `${folder}/none/socket` }, {}, refuse),
      Error,
      "its folder does not exist",
    );
    await Deno.remove(folder, { recursive: true });
  });
}

Deno.test("sockets that are closed keep no process alive", async () => {
  const { code, stderr, stdout } = await runScript(`
    await using authority = await Authority.make();
    const serverTls = {
      certificates: [await authority.issue("DNS:localhost", "IP:127.0.0.1")],
    };
    for (const make of [denoSockets, nodeSockets]) {
      await (await SocketPair.open(make()))[Symbol.asyncDispose]();
    }
    const clientTls = { ca: authority.cert };
    const pair = await SocketPair.open(denoSockets(), { serverTls, clientTls });
    await pair[Symbol.asyncDispose]();
    console.log("closed");
  `);
  assertEquals([stdout, stderr, code], ["closed\n", "", 0]);
});

Deno.test("denoSockets() accept again after the handles were used up", async () => {
  const { code, stdout, stderr } = await runScript(
    `
      const sockets = denoSockets();
      const served = [];
      const listener = await sockets.listen(LOOPBACK, {}, async (pending) => {
        const socket = await pending.open();
        served.push(socket);
        await socket.write([bytesOf(1)]).catch(() => {});
      });
      const address = at(LOOPBACK, listener);
      const connect = () => sockets.connect(address, {
        signal: AbortSignal.timeout(20_000),
      });
      const clients = [];
      try {
        while (true) clients.push(await connect());
      } catch (error) {
        console.log(error.message);
      }
      for (const socket of [...clients.splice(10), ...served.splice(10)]) socket.close();
      const client = await connect();
      console.log(await client.read(new Uint8Array(8)));
      for (const socket of [client, ...clients, ...served]) socket.close();
      await listener.close();
      `,
    64,
  );
  const told = "this process has too many files and sockets open\n1\n";
  assertEquals([stdout, stderr, code], [told, "", 0]);
});

const ADDRESSES: readonly (readonly [string, RegExp])[] = [
  ["127.0.0.1", /^127\.0\.0\.1:\d+$/],
  ["::1", /^\[::1\]:\d+$/],
];

function refuse(pending: PendingSocket): void {
  pending.close();
}

/** Runs a script that has sockets at hand, with no more than so many handles. */
async function runScript(
  script: string,
  handles = 1024,
): Promise<{ code: number; stdout: string; stderr: string }> {
  const path = (name: string) => JSON.stringify(new URL(name, import.meta.url).href);
  const source = `
    import { Authority } from ${path("../../helpers/certificates.ts")};
    import { at, bytesOf, LOOPBACK, SocketPair } from ${
    path("../../helpers/wire/socket_pairs.ts")
  };
    import { denoSockets, nodeSockets } from ${
    path("../../../wire/sockets/sockets.ts")
  };
    ${script}`;
  const command = `ulimit -n ${handles}; exec timeout 60 "$0" run -A -q --no-check -`;
  const process = new Deno.Command("sh", {
    args: ["-c", command, Deno.execPath()],
    cwd: new URL("../../..", import.meta.url),
    env: { NO_COLOR: "1" },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = process.stdin.getWriter();
  await writer.write(new TextEncoder().encode(source));
  await writer.close();
  const { code, stdout, stderr } = await process.output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, stdout: out, stderr: err };
}

/** Leaves the file of a Unix socket as a server does that is killed. */
async function leaveSocketFile(path: string): Promise<void> {
  const code = `Deno.listen({ transport: "unix", path: ${JSON.stringify(path)} });
    Deno.kill(Deno.pid, "SIGKILL");`;
  await new Deno.Command(Deno.execPath(), { args: ["eval", code] }).output();
  assert((await Deno.lstat(path)).isSocket);
}
