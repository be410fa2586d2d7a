/** Cases of the contract: the headers and trailers of a call. */
import { assertEquals } from "@std/assert";
import { CallHeaders } from "../../rpc/call_headers.ts";
import { within } from "../helpers/waiting.ts";
import {
  type Case,
  collect,
  failed,
  message,
  messages,
  METHODS,
  OK,
  Outbox,
  ownEntries,
  Started,
  texts,
} from "./contract.ts";

/** All octets, nothing, and lengths that base64 pads each in its own way. */
const BINARY = [
  Uint8Array.from({ length: 256 }, (_, index) => index),
  new Uint8Array(0),
  new Uint8Array([1]),
  new Uint8Array([1, 2]),
  new Uint8Array([1, 2, 3]),
];

export const HEADER_CASES: readonly Case[] = [
  {
    name: "headers of texts and bytes reach the server without those of gRPC itself",
    async run(pair) {
      await using both = await Started.open(pair);
      const headers = new CallHeaders({ "x-text": "a b, c;~!", "x-empty": "" });
      for (const bytes of BINARY) headers.append("x-raw-bin", bytes);
      const { outgoing, incoming } = await both.call(METHODS.exchange, messages(), {
        headers,
        deadline: new Date(Date.now() + 60_000),
      });
      assertEquals(ownEntries(incoming.headers), [...headers]);
      const reserved = [...incoming.headers].map(([name]) => name).filter((name) =>
        name.startsWith(":") || name.startsWith("grpc-") ||
        name === "te" || name === "content-type"
      );
      assertEquals(reserved, []);
      incoming.end(OK);
      await within(outgoing.status, "the status");
    },
  },
  {
    name: "several values of a text header reach the server as several",
    async run(pair) {
      await using both = await Started.open(pair);
      const headers = new CallHeaders({ "x-text": ["a", "b, c", "a"] });
      const { outgoing, incoming } = await both.call(METHODS.exchange, messages(), {
        headers,
      });
      incoming.end(OK);
      await within(outgoing.status, "the status");
      assertEquals(ownEntries(incoming.headers), [...headers]);
    },
  },
  {
    name: "headers and trailers of texts and bytes reach the client",
    async run(pair) {
      await using both = await Started.open(pair);
      const headers = new CallHeaders({ "x-text": "header", "x-raw-bin": BINARY });
      const trailers = new CallHeaders({ "x-text": "trailer", "x-raw-bin": BINARY });
      for (const status of [OK, failed("ABORTED")]) {
        const { outgoing, incoming } = await both.call(METHODS.exchange);
        incoming.sendHeaders(headers);
        incoming.end({ ...status, trailers });
        assertEquals(ownEntries(await outgoing.headers), [...headers]);
        const ended = await within(outgoing.status, "the status");
        assertEquals([ended.code, ended.message], [status.code, status.message]);
        assertEquals(ownEntries(ended.trailers), [...trailers]);
        assertEquals(ended.trailers.has("grpc-status"), false);
        assertEquals(ended.trailers.has("grpc-message"), false);
      }
    },
  },
  {
    name: "several values of a text header reach the client as several",
    async run(pair) {
      await using both = await Started.open(pair);
      const headers = new CallHeaders({ "x-text": ["a", "b, c", "a"] });
      const { outgoing, incoming } = await both.call(METHODS.exchange);
      incoming.sendHeaders(headers);
      incoming.end({ ...OK, trailers: headers });
      const { trailers } = await within(outgoing.status, "the status");
      assertEquals(ownEntries(await outgoing.headers), [...headers]);
      assertEquals(ownEntries(trailers), [...headers]);
    },
  },
  {
    name: "grpc-status-details-bin reaches the client among the trailers",
    async run(pair) {
      await using both = await Started.open(pair);
      const trailers = new CallHeaders();
      trailers.receive([["grpc-status-details-bin", BINARY[0]]]);
      const { outgoing, incoming } = await both.call(METHODS.exchange);
      incoming.end({ ...failed("ABORTED"), trailers });
      const ended = await within(outgoing.status, "the status");
      assertEquals(ended.trailers.getAllBytes("grpc-status-details-bin"), [BINARY[0]]);
    },
  },
  {
    name: "an end without headers and messages leaves the client's headers empty",
    async run(pair) {
      await using both = await Started.open(pair);
      const { outgoing, incoming } = await both.call(METHODS.exchange);
      const trailers = new CallHeaders({ "x-why": "because" });
      incoming.end({ ...failed("ABORTED"), trailers });
      const status = await within(outgoing.status, "the status");
      assertEquals(status.trailers.getAll("x-why"), ["because"]);
      assertEquals([...await outgoing.headers], []);
      assertEquals(await collect(outgoing.responses), []);
    },
  },
  {
    name: "headers reach the client before there is a message or a request",
    async run(pair) {
      await using both = await Started.open(pair);
      const requests = new Outbox();
      const { outgoing, incoming } = await both.call(METHODS.exchange, requests);
      incoming.sendHeaders(new CallHeaders({ "x-early": "1" }));
      const headers = await within(outgoing.headers, "the headers");
      assertEquals(headers.getAll("x-early"), ["1"]);
      requests.send("a").end();
      assertEquals(await texts(incoming.requests), ["a"]);
      incoming.end(OK);
      assertEquals(await within(outgoing.status, "the status"), OK);
    },
  },
  {
    name: "headers without entries are sent before the first message",
    async run(pair) {
      await using both = await Started.open(pair);
      const { outgoing, incoming } = await both.call(METHODS.exchange);
      await incoming.send(message("a"));
      const headers = await within(outgoing.headers, "the headers");
      assertEquals(ownEntries(headers), []);
      incoming.end(OK);
      assertEquals(await texts(outgoing.responses), ["a"]);
    },
  },
  {
    name: "the client's headers are settled before its first response is read",
    async run(pair) {
      await using both = await Started.open(pair);
      const { outgoing, incoming } = await both.call(METHODS.exchange);
      let found: CallHeaders | undefined;
      outgoing.headers.then((headers) => found = headers);
      incoming.sendHeaders(new CallHeaders({ "x-a": "1" }));
      await incoming.send(message("a"));
      incoming.end(OK);
      for await (const _ of outgoing.responses) {
        assertEquals(found?.getAll("x-a"), ["1"]);
      }
    },
  },
];
