/**
 * Clients that resume a TLS session are who they were when it began, and no others.
 * `openssl s_client` keeps a session in a file, as programs of others do in memory.
 */
import { assertEquals, assertMatch } from "@std/assert";
import type { CertificateAndKey, ServerTls } from "../../../rpc/transport.ts";
import type { SocketListener, SocketPeer } from "../../../wire/sockets/socket.ts";
import { defaultSockets } from "../../../wire/sockets/sockets.ts";
import { Authority, openssl } from "../../helpers/certificates.ts";
import { LOOPBACK } from "../../helpers/wire/socket_pairs.ts";
import { Queue } from "../../helpers/waiting.ts";

const UNKNOWN =
  "the client resumes a TLS session in which this server has not verified its certificate";

/** A server that says who has connected, and hangs up. */
class Peers implements AsyncDisposable {
  readonly listener: SocketListener;
  readonly #peers: Queue<SocketPeer>;

  private constructor(listener: SocketListener, peers: Queue<SocketPeer>) {
    this.listener = listener;
    this.#peers = peers;
  }

  static async listen(tls: ServerTls): Promise<Peers> {
    const peers = new Queue<SocketPeer>();
    const listener = await defaultSockets().listen(
      LOOPBACK,
      { tls },
      async (pending) => {
        const socket = await pending.open();
        // What comes first in TLS 1.3 has the session with it.
        await socket.write([new Uint8Array(1)]);
        await socket.closeWrite();
        while (await socket.read(new Uint8Array(100)) !== null);
        socket.close();
        peers.push(socket.peer);
      },
    );
    return new Peers(listener, peers);
  }

  /** Connects, and gives who the server has seen, and whether a session was resumed. */
  async see(
    client: Client,
    session: string,
  ): Promise<{ peer: SocketPeer; isResumed: boolean }> {
    const output = await openssl(
      ...["s_client", "-connect", `127.0.0.1:${this.listener.port}`, "-ign_eof"],
      ...["-servername", "localhost", "-alpn", "h2", `-${client.version}`],
      ...["-cert", client.cert, "-key", client.key, session, client.session],
    );
    const [, word] = /^(New|Reused), /m.exec(output)!;
    return { peer: await this.#peers.next(), isResumed: word === "Reused" };
  }

  /** Begins a session. */
  async begin(client: Client): Promise<SocketPeer> {
    const { peer, isResumed } = await this.see(client, "-sess_out");
    assertEquals(isResumed, false);
    return peer;
  }

  /** Resumes the session. */
  async resume(client: Client): Promise<SocketPeer> {
    const { peer, isResumed } = await this.see(client, "-sess_in");
    assertEquals(isResumed, true);
    return peer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.listener.close();
  }
}

/** The files of a client. */
interface Client {
  readonly version: string;
  readonly cert: string;
  readonly key: string;
  readonly session: string;
}

async function writeClient(
  folder: string,
  version: string,
  { cert, key }: CertificateAndKey,
): Promise<Client> {
  const path = await Deno.makeTempFile({ dir: folder });
  await Deno.writeTextFile(`${path}.cert`, cert);
  await Deno.writeTextFile(`${path}.key`, key);
  return { version, cert: `${path}.cert`, key: `${path}.key`, session: path };
}

for (const version of ["tls1_2", "tls1_3"]) {
  Deno.test(`a client that resumes a session is known only if it was verified: ${version}`, async () => {
    const folder = await Deno.makeTempDir();
    try {
      await using authority = await Authority.make();
      await using other = await Authority.make("Other");
      const certificates = [await authority.issue("DNS:localhost")];
      const clientCa = authority.cert;
      await using peers = await Peers.listen({ certificates, clientCa });
      await using others = await Peers.listen({ certificates, clientCa: other.cert });
      await using open = await Peers.listen({ certificates });
      const make = (pair: CertificateAndKey) => writeClient(folder, version, pair);
      const ada = await make(await authority.issue("DNS:ada.example"));
      const eve = await make(await other.issue("DNS:eve.example"));
      const late = await make(await authority.issueExpired("DNS:late.example"));

      assertEquals((await peers.begin(ada)).certificate?.commonName, "ada.example");
      const resumed = await peers.resume(ada);
      assertEquals(resumed.certificate?.commonName, "ada.example");
      assertEquals(resumed.refusal, undefined);

      assertMatch((await peers.begin(eve)).refusal!, /that is not trusted$/);
      assertMatch((await peers.begin(late)).refusal!, /has expired$/);
      for (const client of [eve, late]) {
        const { certificate, refusal } = await peers.resume(client);
        assertEquals([certificate, refusal], [undefined, UNKNOWN]);
      }

      // Other servers of the process have not verified it.
      assertEquals((await others.resume(ada)).refusal, UNKNOWN);
      const { certificate, refusal } = await open.resume(ada);
      assertEquals([certificate, refusal], [undefined, undefined]);

      // Whoever its authorities have verified before is known as long as they are there.
      const both = `${other.cert}${clientCa}`;
      await peers.listener.setTls({ certificates, clientCa: both });
      assertEquals((await peers.resume(ada)).certificate?.commonName, "ada.example");
      await peers.listener.setTls({ certificates, clientCa: other.cert });
      assertEquals((await peers.resume(ada)).refusal, UNKNOWN);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}
