/** What a hostile peer does to a connection; the fuzzer has found it. */
import { assertEquals } from "@std/assert";
import { FlightClient, FlightInfo } from "../../../flight/mod.ts";
import {
  FRAMES,
  http2Frame,
  literalHeaders,
  PREFACE,
} from "../../helpers/wire/http2_bytes.ts";
import { frame } from "../../helpers/wire/grpc_frame.ts";
import {
  HostileServer,
  RIGHT_HEADERS,
  RIGHT_TRAILERS,
} from "../../helpers/wire/hostile_server.ts";
import { sayTo } from "../../helpers/wire/raw_tcp.ts";
import { joinBytes } from "../../../base/join_bytes.ts";
import { serving } from "../../helpers/serving.ts";

const SERVICE = "/arrow.flight.protocol.FlightService";

const wrongCalls: readonly (readonly [string, string, string])[] = [
  ["an unknown method", `${SERVICE}/Nothing`, "application/grpc"],
  ["a media type other than gRPC's", `${SERVICE}/DoGet`, "text/plain"],
  ["a method that there is", `${SERVICE}/DoGet`, "application/grpc"],
];
for (const [what, path, type] of wrongCalls) {
  Deno.test(`TinyServer lives when a wrong frame follows a call of ${what}`, async () => {
    await using all = await serving();
    const call = literalHeaders({
      ":method": "POST",
      ":scheme": "http",
      ":path": path,
      ":authority": "localhost",
      "content-type": type,
    });
    const wrong = http2Frame({ type: FRAMES.SETTINGS, payload: new Uint8Array(1) });
    const bytes = joinBytes([
      PREFACE,
      http2Frame({ type: FRAMES.SETTINGS }),
      http2Frame({ type: FRAMES.HEADERS, flags: 4, stream: 1, payload: call }),
      wrong,
    ]);
    await sayTo(Number(all.server.location.split(":").at(-1)), bytes);
    assertEquals(await all.client.listTables(), []);
  });
}

const wrongAnswers: readonly (readonly [string, Uint8Array])[] = [
  ["a second message", frame(FlightInfo.serialize({}))],
  ["half a message", new Uint8Array(3)],
];
for (const [what, more] of wrongAnswers) {
  Deno.test(`FlightClient.getFlightInfo() ends when ${what} comes`, async () => {
    await using hostile = await HostileServer.start();
    hostile.answer = () => ({
      headers: RIGHT_HEADERS,
      pieces: [frame(FlightInfo.serialize({})), more],
      trailers: RIGHT_TRAILERS,
      end: "trailers",
    });
    await using client = new FlightClient(hostile.location);
    const outcome = await client.getFlightInfo({}, { timeout: 2000 })
      .then(() => "an answer", (error) => error.code);
    assertEquals(outcome, "INTERNAL");
  });
}
