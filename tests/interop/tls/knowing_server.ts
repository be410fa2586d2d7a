/**
 * What tests of TLS share: a server that knows its clients, and how a refusal is checked.
 *
 * @module
 */
import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { TinyClient } from "../../../client.ts";
import {
  type Action,
  type CallContext,
  type FlightData,
  type FlightDataInit,
  FlightError,
} from "../../../flight/mod.ts";
import type { ClientTls } from "../../../rpc/transport.ts";
import { TinyServer } from "../../../server.ts";
import type { Certificates } from "./certificates.ts";

/** A TinyServer that tells its callers who they are, and gives back what they exchange. */
export class KnowingServer extends TinyServer {
  override async *doAction(
    action: Action,
    call: CallContext,
  ): AsyncGenerator<{ body?: Uint8Array }> {
    if (action.type !== "who") return yield* super.doAction(action, call);
    const { commonName, alternativeNames } = call.certificate!;
    yield { body: new TextEncoder().encode(`${commonName} ${alternativeNames}`) };
  }

  override async *doExchange(
    messages: AsyncIterable<FlightData>,
  ): AsyncGenerator<FlightDataInit> {
    for await (const { flightDescriptor: _, ...rest } of messages) {
      // A descriptor alone is no message for the other side.
      if (rest.dataHeader.length > 0) yield rest;
    }
  }
}

/** A server with certificates for two names, which asks clients for theirs. */
export function startKnowingServer(certificates: Certificates): Promise<TinyServer> {
  const { first, second, ca } = certificates;
  const tls = { certificates: [first, second], clientCa: ca };
  return new KnowingServer({ port: 0, tls }).listen();
}

/** Checks why a client cannot connect. */
export async function assertRefused(
  location: string,
  tls: ClientTls,
  reason: RegExp,
): Promise<void> {
  const error = await assertRejects(
    () => TinyClient.connect(location, { tls, timeout: 0 }),
    FlightError,
  );
  assertEquals(error.code, "UNAVAILABLE");
  assertMatch(error.message, reason);
}
