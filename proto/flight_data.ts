/**
 * The message FlightData, which carries the record batches. It is written and read here,
 * and not by protobufjs, so that a body is not copied.
 *
 * @module
 */
import { joinBytes } from "../base/join_bytes.ts";
import type { OutgoingMessage } from "../rpc/transport.ts";
import { FieldReader } from "./field_reader.ts";
import { FlightDescriptor } from "./messages.ts";
import type { Init, MessageType } from "./message_type.ts";

/** One message of a stream of DoGet, DoPut or DoExchange, as it was received. */
export interface FlightData {
  /** The flight's name; in the first message of DoPut and DoExchange. */
  flightDescriptor?: FlightDescriptor;
  /** The flatbuffer Message, without continuation marker and length. */
  dataHeader: Uint8Array;
  /** Bytes whose meaning the application defines; empty when there are none. */
  appMetadata: Uint8Array;
  /** The message's body, padded to a multiple of 8 bytes; empty when it has none. */
  dataBody: Uint8Array;
}

/** Serializes and deserializes a {@linkcode FlightData}. */
export const FlightData: MessageType<FlightData> = {
  serialize: (message) => joinBytes(encodeFlightData(message).parts),
  deserialize: (bytes) => decodeFlightData(bytes),
};

/** A {@linkcode FlightData} to send; each member may be left out. */
export interface FlightDataInit {
  /** The flight's name; in the first message of DoPut and DoExchange. */
  flightDescriptor?: Init<FlightDescriptor>;
  /** The flatbuffer Message, without continuation marker and length. */
  dataHeader?: Uint8Array;
  /** Bytes whose meaning the application defines. */
  appMetadata?: Uint8Array;
  /**
   * The message's body, padded to a multiple of 8 bytes: whole, or in parts that follow
   * each other, which are not joined before they are sent.
   */
  dataBody?: Uint8Array | readonly Uint8Array[];
}

const EMPTY = new Uint8Array(0);
const TAG_DESCRIPTOR = 1 << 3 | 2;
const TAG_HEADER = 2 << 3 | 2;
const TAG_METADATA = 3 << 3 | 2;
const TAG_BODY = 1000 << 3 | 2;
/** What the start of a body is a multiple of, so that a view of any type fits on it. */
const BODY_ALIGNMENT = 8;

/**
 * The wire form of a FlightData. Its header gets up to 14 zero bytes more, which a
 * flatbuffer allows, so that the body starts at a multiple of 8 within the message.
 * A receiver that reads a message into memory of its own can then use the body where
 * it is, without a copy.
 */
export function encodeFlightData(data: FlightDataInit): OutgoingMessage {
  const body = bodyParts(data);
  const bodyLength = body.reduce((sum, part) => sum + part.length, 0);
  const descriptor = data.flightDescriptor === undefined
    ? undefined
    : FlightDescriptor.serialize(data.flightDescriptor);
  const header = data.dataHeader ?? EMPTY;
  const metadata = data.appMetadata ?? EMPTY;

  const descriptorSize = descriptor === undefined ? 0 : fieldSize(1, descriptor.length);
  const metadataSize = metadata.length === 0 ? 0 : fieldSize(1, metadata.length);
  const bodyPrefix = bodyLength === 0 ? 0 : 2 + varintSize(bodyLength);
  const sizeWithout = descriptorSize + metadataSize + bodyPrefix;
  const headerLength = bodyLength === 0 || header.length === 0
    ? header.length
    : paddedHeaderLength(header.length, sizeWithout);
  const headerSize = headerLength === 0 ? 0 : fieldSize(1, headerLength);

  const head = new Uint8Array(sizeWithout + headerSize);
  let at = 0;
  if (descriptor !== undefined) at = writeField(head, at, TAG_DESCRIPTOR, descriptor);
  if (headerLength > 0) at = writeField(head, at, TAG_HEADER, header, headerLength);
  if (metadata.length > 0) at = writeField(head, at, TAG_METADATA, metadata);
  if (bodyLength > 0) writeVarint(head, writeVarint(head, at, TAG_BODY), bodyLength);

  return { length: head.length + bodyLength, parts: [head, ...body] };
}

/**
 * The FlightData in these bytes. Its members are views of them. As in all of protobuf,
 * unknown fields are ignored, and the last of several values of a field counts.
 *
 * @throws {SyntaxError} when the bytes are not a FlightData.
 */
export function decodeFlightData(bytes: Uint8Array): FlightData {
  const data: FlightData = { dataHeader: EMPTY, appMetadata: EMPTY, dataBody: EMPTY };
  const reader = new FieldReader("FlightData", bytes);
  while (!reader.done) {
    const tag = reader.varint();
    if (tag === TAG_BODY) data.dataBody = reader.bytes();
    else if (tag === TAG_HEADER) data.dataHeader = reader.bytes();
    else if (tag === TAG_METADATA) data.appMetadata = reader.bytes();
    else if (tag === TAG_DESCRIPTOR) {
      data.flightDescriptor = FlightDescriptor.deserialize(reader.bytes());
    } else reader.skip(tag);
  }
  return data;
}

/** The parts of a message's body, in order. */
export function bodyParts(data: FlightDataInit): readonly Uint8Array[] {
  const body = data.dataBody ?? EMPTY;
  return body instanceof Uint8Array ? [body] : body;
}

/** A message's body as one array: a view when it has a single part, else a copy. */
export function wholeBody(data: FlightDataInit): Uint8Array {
  return joinBytes(bodyParts(data));
}

/** How long the header has to be for the body to be aligned. */
function paddedHeaderLength(length: number, sizeWithout: number): number {
  let padded = length;
  while ((sizeWithout + fieldSize(1, padded)) % BODY_ALIGNMENT !== 0) padded++;
  return padded;
}

function fieldSize(tagSize: number, length: number): number {
  return tagSize + varintSize(length) + length;
}

function varintSize(value: number): number {
  let size = 1;
  while (value >= 128) {
    value = Math.floor(value / 128);
    size++;
  }
  return size;
}

function writeVarint(target: Uint8Array, at: number, value: number): number {
  while (value >= 128) {
    target[at++] = value % 128 | 128;
    value = Math.floor(value / 128);
  }
  target[at++] = value;
  return at;
}

function writeField(
  target: Uint8Array,
  at: number,
  tag: number,
  bytes: Uint8Array,
  length = bytes.length,
): number {
  at = writeVarint(target, writeVarint(target, at, tag), length);
  target.set(bytes, at);
  return at + length;
}
