/** The error codes of HTTP/2, and the statuses of gRPC that they stand for. */
import { assertEquals } from "@std/assert";
import { errorCodeName, statusOfReset } from "../../../wire/http2/error_codes.ts";

Deno.test("a reset stream has the status that gRPC's table says", () => {
  const names = [
    "NO_ERROR INTERNAL",
    "PROTOCOL_ERROR INTERNAL",
    "INTERNAL_ERROR INTERNAL",
    "FLOW_CONTROL_ERROR INTERNAL",
    "SETTINGS_TIMEOUT INTERNAL",
    "STREAM_CLOSED UNKNOWN",
    "FRAME_SIZE_ERROR INTERNAL",
    "REFUSED_STREAM UNAVAILABLE",
    "CANCEL CANCELLED",
    "COMPRESSION_ERROR INTERNAL",
    "CONNECT_ERROR INTERNAL",
    "ENHANCE_YOUR_CALM RESOURCE_EXHAUSTED",
    "INADEQUATE_SECURITY PERMISSION_DENIED",
    "HTTP_1_1_REQUIRED UNKNOWN",
    "0xe UNKNOWN",
  ];
  const found = names.map((_, code) => `${errorCodeName(code)} ${statusOfReset(code)}`);
  assertEquals(found, names);
  assertEquals(errorCodeName(0xffffffff), "0xffffffff");
});
