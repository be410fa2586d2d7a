/**
 * Serializes and deserializes messages: protobuf, as the descriptor in flight.json has it.
 *
 * @module
 */
import { fromJSON, type PackageDefinition } from "@grpc/proto-loader";
import descriptor from "./flight.json" with { type: "json" };

const NAMESPACE = "arrow.flight.protocol";

/** The service and the messages of flight.json, as proto-loader reads them. */
export const definition: PackageDefinition = fromJSON(
  descriptor as Parameters<typeof fromJSON>[0],
  {
    longs: BigInt,
    enums: String,
    defaults: true,
    arrays: true,
    objects: true,
  },
);

/**
 * A message to send. Every field may be left out, and then has protobuf's default: empty,
 * zero, false, or absent.
 */
export type Init<T> = T extends
  | Uint8Array
  | bigint
  | number
  | string
  | boolean
  | undefined ? T
  : T extends readonly (infer E)[] ? readonly Init<E>[]
  : { readonly [K in keyof T]?: Init<T[K]> };

/**
 * Serializes and deserializes messages of one type, for example to store a ticket, or to
 * send a FlightInfo by other means than Flight.
 *
 * @example Store a ticket
 * ```ts
 * import { Ticket } from "@tinyflight/flight/flight";
 *
 * const bytes = Ticket.serialize({ ticket: new TextEncoder().encode("quakes") });
 * const ticket = Ticket.deserialize(bytes);
 * console.log(new TextDecoder().decode(ticket.ticket)); // "quakes"
 * ```
 */
export interface MessageType<T> {
  /** The message's protobuf bytes. Fields that are left out get their defaults. */
  serialize(message: Init<T>): Uint8Array;
  /**
   * The message in these protobuf bytes. A field that is absent gets its default; an
   * unknown field is ignored.
   *
   * @throws {SyntaxError} when the bytes are not such a message.
   */
  deserialize(bytes: Uint8Array): T;
}

/** The {@linkcode MessageType} of the message with this name in Flight.proto. */
export function messageType<T>(name: string): MessageType<T> {
  const found = definition[`${NAMESPACE}.${name}`];
  if (found === undefined || !("serialize" in found)) {
    throw new TypeError(
      `Cannot find the message "${name}": flight.json does not have it`,
    );
  }
  const { serialize, deserialize } = found as {
    serialize(message: unknown): Uint8Array;
    deserialize(bytes: Uint8Array): object;
  };
  return {
    serialize: (message) => plain(serialize(message)) as Uint8Array,
    deserialize(bytes) {
      try {
        return plain(deserialize(bytes as Buffer)) as T;
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new SyntaxError(`Cannot read a ${name}: ${reason}`, { cause: error });
      }
    },
  };
}

/** The value with Uint8Arrays for Buffers, and without the members that are null. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) {
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  }
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).filter(([, member]) => member !== null);
    return Object.fromEntries(entries.map(([key, member]) => [key, plain(member)]));
  }
  return value;
}
