/** Spans of calls, with the exporter that Deno has. */
import { assertEquals, assertMatch } from "@std/assert";

const ROOT = new URL("../../", import.meta.url);

const PROGRAM = `
import { TinyClient, TinyServer } from "${ROOT}mod.ts";
import { traceClient, traceServer } from "${ROOT}telemetry/opentelemetry.ts";

await using server = await new TinyServer({ port: 0, middleware: [traceServer()] }).listen();
await using client = await TinyClient.connect(server.location, { middleware: [traceClient()] });
await client.listTables();
await client.getTable("absent").catch(() => {});
`;

/** A span, as the exporter sends it. */
interface Span {
  readonly name: string;
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly status: { readonly code?: number; readonly message?: string };
  readonly attributes: readonly {
    readonly key: string;
    readonly value: { readonly [type: string]: unknown };
  }[];
}

/** The spans that a program sends to a collector. */
async function spansOf(program: string): Promise<Span[]> {
  const spans: Span[] = [];
  const collector = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const { resourceSpans = [] } = await request.json();
      for (const { scopeSpans } of resourceSpans) {
        for (const { spans: sent } of scopeSpans) spans.push(...sent);
      }
      return Response.json({});
    },
  );
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--ext=ts", program],
    cwd: ROOT,
    stdout: "null",
    stderr: "piped",
    env: {
      OTEL_DENO: "true",
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${collector.addr.port}`,
    },
  }).spawn().output();
  await collector.shutdown();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  return spans;
}

Deno.test("traceServer() goes on with the trace of traceClient()", async () => {
  const spans = await spansOf(PROGRAM);
  const of = (kind: number, method: string) =>
    spans.find((span) => span.kind === kind && span.name.endsWith(`/${method}`));
  const [server, client] = [of(2, "ListFlights"), of(3, "ListFlights")];
  assertEquals(server?.traceId, client?.traceId);
  assertEquals(server?.parentSpanId, client?.spanId);
  const failed = of(2, "GetFlightInfo") ?? of(2, "DoGet");
  assertEquals(failed?.status.code, 2);
  assertMatch(
    failed?.status.message ?? "",
    /^NOT_FOUND: Cannot find the table "absent"/,
  );
  const attributes = Object.fromEntries(
    failed!.attributes.map((
      { key, value },
    ) => [key, Object.values(value)[0]]),
  );
  assertEquals(attributes["rpc.system"], "grpc");
  assertEquals(Number(attributes["rpc.grpc.status_code"]), 5);
  assertEquals(attributes["tinyflight.subject"], "absent");
});
