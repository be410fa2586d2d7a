/**
 * A second transport: gRPC calls over `@grpc/grpc-js`, by its public API alone. It cannot
 * keep all of what the default transport keeps:
 *
 * - Limits: `maxArrivingBytes`, `maxCallHeaderBytes`, `maxIdleTime` and `maxStallTime`
 *   are refused with a TypeError. `maxRequestBytes` is checked when the message has
 *   come; a handler whose client exceeds `maxMessageBytes` is told CANCELLED.
 * - Safety: on Deno a hostile peer can end the process through `node:http2`, and so can
 *   a server that leaves soon after a call (GOAWAY, in Deno 2.9.6). A client that resumes
 *   a TLS session is taken for verified (`node:tls`), so a `clientCa` is no defence.
 * - On Deno a server that once ran out of file handles accepts no more connections
 *   (`node:net`); `maxConnections` prevents it.
 * - A server does not tell of connections that it refuses (`onRefused`).
 * - A client loses unread messages when the status is not OK, and when the server closes
 *   the connection after its last message.
 * - Several values of one text header arrive as one value, joined with commas.
 * - A server takes a half-close inside a message for one after it.
 * - Deadlines that are more than 24 days away are not kept.
 * - It is several times slower, and a server's flow-control window is 64 KiB.
 * - With TLS a client needs a name, not an IP address, and a server no Unix socket.
 *
 * @example A server and a client
 * ```ts
 * import { CallHeaders, grpcJs, type OutgoingMessage } from "@tinyflight/flight/grpc-js";
 *
 * const transport = grpcJs();
 * const echo = { path: "/echo.Echo/Echo", requestStream: true, responseStream: true };
 * const listening = await transport.listen([echo], async (call) => {
 *   for await (const message of call.requests) {
 *     await call.send({ length: message.length, parts: [message] });
 *   }
 *   call.end({ code: "OK", message: "", trailers: new CallHeaders() });
 * }, { address: { hostname: "localhost", port: 0 }, limits: {} });
 *
 * const { port } = listening;
 * const channel = transport.connect({ hostname: "localhost", port }, {});
 * async function* requests(): AsyncGenerator<OutgoingMessage> {
 *   yield { length: 3, parts: [new Uint8Array([1, 2, 3])] };
 * }
 * const call = channel.call(echo, requests(), { headers: new CallHeaders() });
 * for await (const message of call.responses) console.log(message); // [1, 2, 3]
 * channel.close();
 * await listening.drain();
 * ```
 *
 * @module
 */
export { CallHeaders, type CallHeadersInit } from "../rpc/call_headers.ts";
export { type StatusCode } from "../rpc/status.ts";
export {
  type Address,
  type CertificateAndKey,
  type Channel,
  type ClientTls,
  type ClientTransport,
  type IncomingCall,
  type Listening,
  type ListenOptions,
  type MakeCallOptions,
  type OutgoingCall,
  type OutgoingMessage,
  type PeerCertificate,
  type RefusedConnection,
  type RpcMethod,
  type ServerTls,
  type ServerTransport,
  type Status,
  type TransportLimits,
} from "../rpc/transport.ts";
export { type GrpcJsOptions } from "./options.ts";
export { grpcJs } from "./transport.ts";
