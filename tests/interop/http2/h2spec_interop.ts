/** The rules of HTTP/2 and HPACK, which h2spec tries on our server one by one. */
import { assertEquals } from "@std/assert";
import { wireServer } from "../../../wire/server.ts";
import { prepareH2spec } from "../go/go_programs.ts";
import { type Certificate, makeCertificate } from "../grpc/certificate.ts";
import { TEST_METHODS, TestService } from "../grpc/test_service.ts";

const HOST = "localhost";
/** How long it waits for what a server has to do, in seconds. */
const TIMEOUT = 2;
/** How long it takes at most, in milliseconds. */
const MAX_DURATION = 180_000;
/** How many cases there are, lest the report is read wrongly. */
const CASES = 146;
/**
 * A case that fails by itself: it sends a frame that is larger than frames may be when
 * nobody says anything else, and our server says that they may have 1 MiB.
 */
const LARGE_FRAME = {
  words: ["http2/4.2/3"],
  name:
    "http2/4.2: Sends a large size HEADERS frame that exceeds the SETTINGS_MAX_FRAME_SIZE",
};
/** With headers of this length, of which there are five, its frame is too large for ours. */
const LARGE_HEADER = 300_000;

const program = await prepareH2spec();

/** The cases of a report that have not passed, and how many there are in all. */
interface Report {
  readonly count: number;
  readonly failed: string[];
}

/** Runs the cases that these words name, or all. */
async function runH2spec(port: number, words: readonly string[]): Promise<Report> {
  const report = await Deno.makeTempFile({ suffix: ".xml" });
  try {
    const { stdout, stderr } = await new Deno.Command(program, {
      args: [
        ...["--host", HOST, "--port", `${port}`, "--timeout", `${TIMEOUT}`],
        ...["--junit-report", report, "--strict"],
        ...words,
      ],
      stdin: "null",
      signal: AbortSignal.timeout(MAX_DURATION),
    }).output();
    const { count, failed } = readReport(await Deno.readTextFile(report));
    const decoder = new TextDecoder();
    if (count === 0) throw new Error(decoder.decode(stdout) + decoder.decode(stderr));
    return { count, failed };
  } finally {
    await Deno.remove(report);
  }
}

/** Reads a report in JUnit's form. A case that was skipped has not passed. */
function readReport(xml: string): Report {
  const failed: string[] = [];
  let count = 0;
  for (const [, head, body] of xml.matchAll(CASE)) {
    count++;
    const name = `${attribute(head, "package")}: ${attribute(head, "classname")}`;
    if (/<(failure|error|skipped)/.test(body ?? "")) failed.push(name);
  }
  return { count, failed };
}

const CASE = /<testcase ([^>]*?)(?:\/>|>(.*?)<\/testcase>)/gs;

function attribute(head: string, name: string): string {
  return new RegExp(`${name}="([^"]*)"`).exec(head)?.[1] ?? "";
}

const WAYS: readonly { readonly name: string; readonly certificate?: Certificate }[] = [
  { name: "in plain text" },
  { name: "over TLS", certificate: await makeCertificate(HOST) },
];

for (const { name, certificate } of WAYS) {
  Deno.test(`our server keeps the rules that h2spec tries ${name}`, async () => {
    const service = new TestService();
    const listening = await wireServer().listen(TEST_METHODS, service.answer, {
      address: { hostname: HOST, port: 0 },
      tls: certificate && { certificates: [certificate] },
      // Without a limit there is nothing to exceed, and a case is skipped.
      limits: { maxConnectionCalls: 100 },
    });
    const { port } = listening;
    const tls = certificate === undefined ? [] : ["--tls", "--insecure"];
    try {
      const all = await runH2spec(port, tls);
      assertEquals(all, { count: CASES, failed: [LARGE_FRAME.name] });
      const header = ["--max-header-length", `${LARGE_HEADER}`];
      const large = await runH2spec(port, [...tls, ...header, ...LARGE_FRAME.words]);
      assertEquals(large, { count: 1, failed: [] });
    } finally {
      await listening.close();
    }
  });
}
