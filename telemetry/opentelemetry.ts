/**
 * Spans of OpenTelemetry for the calls of servers and clients. They are sent by whatever
 * the program has set up; Deno does it by itself with the variable `OTEL_DENO=true`.
 *
 * @example A server and a client whose calls are traced
 * ```ts
 * import { traceClient, traceServer } from "@tinyflight/flight/opentelemetry";
 * import { TinyClient, TinyServer } from "@tinyflight/flight";
 *
 * await using server = await new TinyServer({
 *   port: 0,
 *   middleware: [traceServer()],
 * }).listen();
 * await using client = await TinyClient.connect(server.location, {
 *   middleware: [traceClient()],
 * });
 * ```
 *
 * @module
 */
import {
  type Attributes,
  context,
  propagation,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import { FlightError } from "../flight/errors.ts";
import type { ClientMiddleware } from "../flight/client/middleware.ts";
import type { ServerMiddleware } from "../flight/server/call_context.ts";
import type { CallHeaders } from "../rpc/call_headers.ts";
import { codeToNumber } from "../rpc/status.ts";

const TRACER = "@tinyflight/flight";
const SERVICE = "arrow.flight.protocol.FlightService";

/** Reads the headers that carry the context of a trace. */
const GETTER = {
  keys: (headers: CallHeaders) => [...new Set([...headers].map(([name]) => name))],
  get: (headers: CallHeaders, name: string) => headers.getAll(name),
};

/** Writes them. */
const SETTER = {
  set: (headers: CallHeaders, name: string, value: string) => headers.set(name, value),
};

/**
 * A middleware that makes a span of every call of a server. It goes on with the trace of
 * a client that sends `traceparent`. Put it first, so that it sees refused calls, too.
 */
export function traceServer(): ServerMiddleware {
  return async (call, next) => {
    const parent = propagation.extract(context.active(), call.headers, GETTER);
    const attributes = { ...attributesOf(call.method), "client.address": call.peer };
    const options = { kind: SpanKind.SERVER, attributes };
    const span = trace.getTracer(TRACER).startSpan(
      nameOf(call.method),
      options,
      parent,
    );
    try {
      await ended(span, () => context.with(trace.setSpan(parent, span), next));
    } finally {
      if (call.subject !== undefined) {
        span.setAttribute("tinyflight.subject", call.subject);
      }
      if (call.identity !== undefined) span.setAttribute("enduser.id", call.identity);
      span.end();
    }
  };
}

/**
 * A middleware that makes a span of every call of a client, and gives its trace on to the
 * server by the header `traceparent`.
 */
export function traceClient(): ClientMiddleware {
  return async (call, next) => {
    const parent = context.active();
    const options = { kind: SpanKind.CLIENT, attributes: attributesOf(call.method) };
    const span = trace.getTracer(TRACER).startSpan(
      nameOf(call.method),
      options,
      parent,
    );
    const own = trace.setSpan(parent, span);
    propagation.inject(own, call.headers, SETTER);
    try {
      await ended(span, () => context.with(own, next));
    } finally {
      span.end();
    }
  };
}

/** Makes the call, and writes its status into the span. */
async function ended(span: Span, next: () => Promise<void>): Promise<void> {
  try {
    await next();
    span.setAttribute("rpc.grpc.status_code", 0);
  } catch (error) {
    const { code, message } = FlightError.from(error);
    span.setAttribute("rpc.grpc.status_code", codeToNumber(code));
    span.setStatus({ code: SpanStatusCode.ERROR, message: `${code}: ${message}` });
    throw error;
  }
}

function nameOf(method: string): string {
  return `${SERVICE}/${method}`;
}

function attributesOf(method: string): Attributes {
  return { "rpc.system": "grpc", "rpc.service": SERVICE, "rpc.method": method };
}
