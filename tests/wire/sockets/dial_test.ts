/** Connecting to one of several addresses, and through a proxy. */
import { assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import net from "node:net";
import { dial } from "../../../wire/sockets/dial.ts";
import { parseProxy } from "../../../wire/sockets/proxy.ts";
import { defaultSockets } from "../../../wire/sockets/sockets.ts";
import { Authority } from "../../helpers/certificates.ts";
import { bytesOf, LOOPBACK, readAll } from "../../helpers/wire/socket_pairs.ts";

const NEVER = new AbortController().signal;

/** Connections whose outcome a test decides. */
class Attempts {
  readonly started: string[] = [];
  readonly closed: string[] = [];
  readonly aborted: string[] = [];
  readonly #outcomes: Map<string, PromiseWithResolvers<Connection>> = new Map();
  #onStart: (() => void) | undefined;

  readonly connect = (address: string, signal: AbortSignal): Promise<Connection> => {
    this.started.push(address);
    const outcome = Promise.withResolvers<Connection>();
    this.#outcomes.set(address, outcome);
    signal.addEventListener("abort", () => this.aborted.push(address));
    this.#onStart?.();
    return outcome.promise;
  };

  succeed(address: string): void {
    const close = () => void this.closed.push(address);
    this.#outcomes.get(address)!.resolve({ address, close });
  }

  fail(address: string): void {
    this.#outcomes.get(address)!.reject(new Error(`connection refused by ${address}`));
  }

  /** Waits until so many were started. */
  async untilStarted(count: number): Promise<void> {
    while (this.started.length < count) {
      await new Promise<void>((resolve) => this.#onStart = resolve);
    }
  }
}

interface Connection {
  readonly address: string;
  close(): void;
}

const NEVER_NEXT = 60_000;

Deno.test("dial() tries the next address when one fails, the families in turns", async () => {
  const attempts = new Attempts();
  const { connect } = attempts;
  const dialling = dial(["::1", "::2", "::3", "1.1.1.1"], {
    connect,
    signal: NEVER,
    stagger: NEVER_NEXT,
  });
  assertEquals(attempts.started, ["::1"]);
  attempts.fail("::1");
  await attempts.untilStarted(2);
  attempts.fail("1.1.1.1");
  await attempts.untilStarted(3);
  assertEquals(attempts.started, ["::1", "1.1.1.1", "::2"]);
  attempts.succeed("::2");
  assertEquals((await dialling).address, "::2");
  assertEquals(attempts.started.length, 3);
});

Deno.test("dial() tries the next address when one does not answer", async () => {
  const attempts = new Attempts();
  const { connect } = attempts;
  const dialling = dial(["1.1.1.1", "::1", "2.2.2.2"], {
    connect,
    signal: NEVER,
    stagger: 1,
  });
  await attempts.untilStarted(3);
  attempts.succeed("::1");
  assertEquals((await dialling).address, "::1");
  assertEquals(attempts.aborted, ["1.1.1.1", "2.2.2.2"]);
  attempts.succeed("1.1.1.1");
  attempts.fail("2.2.2.2");
  await Promise.resolve();
  assertEquals(attempts.closed, ["1.1.1.1"]);
});

Deno.test("dial() tells why each address failed", async () => {
  const attempts = new Attempts();
  const { connect } = attempts;
  const options = { connect, signal: NEVER, stagger: 1 };
  const failing = assertRejects(
    () => dial(["1.1.1.1", "2.2.2.2"], options),
    Error,
    "connection refused by 1.1.1.1; connection refused by 2.2.2.2",
  );
  await attempts.untilStarted(2);
  attempts.fail("2.2.2.2");
  attempts.fail("1.1.1.1");
  await failing;
  const alone = assertRejects(() => dial(["3.3.3.3"], options), Error);
  attempts.fail("3.3.3.3");
  assertEquals((await alone).message, "connection refused by 3.3.3.3");
});

Deno.test("dial() gives up when its signal is aborted", async () => {
  const attempts = new Attempts();
  const { connect } = attempts;
  const giveUp = new AbortController();
  const options = { connect, signal: giveUp.signal, stagger: NEVER_NEXT };
  const failing = assertRejects(
    () => dial(["1.1.1.1", "::1"], options),
    Error,
    "enough",
  );
  giveUp.abort(new Error("enough"));
  await failing;
  assertEquals(attempts.aborted, ["1.1.1.1"]);
  attempts.succeed("1.1.1.1");
  await Promise.resolve();
  assertEquals(attempts.closed, ["1.1.1.1"]);
  await assertRejects(() => dial(["1.1.1.1"], options), Error, "enough");
});

/** A proxy that passes connections on, and what it was asked. */
async function startProxy(answer = "HTTP/1.1 200 Connection established"): Promise<
  { url: string; heads: string[]; close(): Promise<void> }
> {
  const heads: string[] = [];
  const sockets = new Set<net.Socket>();
  const server = net.createServer((client) => {
    sockets.add(client.on("error", () => {}));
    client.once("data", (head) => {
      heads.push(head.toString());
      const [, host, port] = /^CONNECT (\S+):(\d+) /.exec(head.toString())!;
      if (!/ 2\d\d/.test(answer)) return client.end(`${answer}\r\n\r\n`);
      const upstream = net.connect(Number(port), host, () => {
        client.write(`${answer}\r\nx-proxy: yes\r\n\r\n`);
        client.pipe(upstream).pipe(client);
      });
      sockets.add(upstream.on("error", () => {}));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as net.AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    heads,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

Deno.test("connect() goes through a proxy, with and without TLS", async () => {
  await using authority = await Authority.make();
  const certificates = [await authority.issue("DNS:localhost", "IP:127.0.0.1")];
  const sockets = defaultSockets();
  const proxy = await startProxy();
  for (const tls of [undefined, { certificates }]) {
    const listener = await sockets.listen(LOOPBACK, { tls }, (pending) => {
      pending.open().then(async (socket) => {
        await socket.write([bytesOf(100_000)]);
        await socket.closeWrite();
        while (await socket.read(new Uint8Array(8)) !== null);
        socket.close();
      });
    });
    const address = { hostname: "127.0.0.1", port: listener.port };
    const socket = await sockets.connect(address, {
      tls: tls && { ca: authority.cert },
      proxy: proxy.url.replace("//", "//ada:p%20w@"),
      signal: NEVER,
    });
    assertEquals(await readAll(socket), bytesOf(100_000));
    await socket.closeWrite();
    socket.close();
    assertEquals(proxy.heads.pop()!.split("\r\n"), [
      `CONNECT 127.0.0.1:${listener.port} HTTP/1.1`,
      `host: 127.0.0.1:${listener.port}`,
      `proxy-authorization: Basic ${btoa("ada:p w")}`,
      "",
      "",
    ]);
    await listener.close();
  }
  await proxy.close();
});

Deno.test("connect() tells why a proxy does not connect", async () => {
  const address = { hostname: "server.example", port: 5678 };
  const cases = [
    [
      "HTTP/1.1 403 Forbidden",
      "the proxy does not connect to server.example:5678: 403",
    ],
    ["HTTP/1.1 407 Proxy Authentication Required", "the proxy asks for a user and a"],
    ["SSH-2.0-OpenSSH", "the proxy does not speak HTTP/1"],
  ];
  for (const [answer, message] of cases) {
    const proxy = await startProxy(answer);
    await assertRejects(
      () => defaultSockets().connect(address, { proxy: proxy.url, signal: NEVER }),
      Error,
      message,
    );
    await proxy.close();
  }
});

Deno.test("parseProxy() reads hosts and ports, and shows no password", () => {
  assertEquals(parseProxy("http://proxy.example:3128"), {
    hostname: "proxy.example",
    port: 3128,
    authorization: undefined,
  });
  assertEquals(parseProxy("http://[::1]"), {
    hostname: "::1",
    port: 80,
    authorization: undefined,
  });
  const wrong = [
    "proxy:3128",
    "https://ada:secret@proxy",
    "http://ada:secret@proxy/x",
    "",
  ];
  for (const url of wrong) {
    const error = assertThrows(
      () => parseProxy(url),
      TypeError,
      "Cannot use the proxy",
    );
    assertMatch(error.message, /^[^]*$/);
    assertEquals(error.message.includes("secret"), false);
  }
});
