/**
 * The message of some rows of a record batch: it says of itself what the batch's
 * own message said.
 *
 * @module
 */
import { Buffer as Region } from "apache-arrow/fb/buffer";
import { FieldNode } from "apache-arrow/fb/field-node";
import { KeyValue } from "apache-arrow/fb/key-value";
import { Message } from "apache-arrow/fb/message";
import { MessageHeader } from "apache-arrow/fb/message-header";
import { RecordBatch } from "apache-arrow/fb/record-batch";
import { Builder, ByteBuffer, Encoding } from "flatbuffers";
import type { Assembly } from "./assemble.ts";
import type { IpcMessage } from "./ipc_message.ts";

/** What starts in a body starts at a multiple of so many bytes. */
const ALIGNMENT = 8;
const ZEROS = new Uint8Array(ALIGNMENT);
const INITIAL_BYTES = 1024;

/** A body, and where its buffers lie in it. */
interface Body {
  readonly regions: readonly { readonly offset: number; readonly length: number }[];
  readonly parts: readonly Uint8Array[];
  readonly length: number;
}

/**
 * The message of these rows, which are not compressed. The metadata's version and
 * the custom metadata are those of `original`, a header that was verified.
 */
export function sliceMessage(slice: Assembly, original: Uint8Array): IpcMessage {
  const body = layBody(slice.buffers);
  const message = Message.getRootAsMessage(new ByteBuffer(original));
  const builder = new Builder(INITIAL_BYTES);
  const header = writeBatch(builder, slice, body);
  const metadata = copyMetadata(builder, message);
  Message.startMessage(builder);
  Message.addVersion(builder, message.version());
  Message.addHeaderType(builder, MessageHeader.RecordBatch);
  Message.addHeader(builder, header);
  Message.addBodyLength(builder, BigInt(body.length));
  if (metadata !== undefined) Message.addCustomMetadata(builder, metadata);
  Message.finishMessageBuffer(builder, Message.endMessage(builder));
  return { dataHeader: builder.asUint8Array(), dataBody: body.parts };
}

function layBody(buffers: readonly Uint8Array[]): Body {
  const parts: Uint8Array[] = [];
  let end = 0;
  const regions = buffers.map((buffer) => {
    const { length } = buffer;
    const offset = end;
    if (length > 0) parts.push(buffer);
    const padding = -length & (ALIGNMENT - 1);
    if (padding > 0) parts.push(ZEROS.subarray(0, padding));
    end += length + padding;
    return { offset, length };
  });
  return { regions, parts, length: end };
}

function writeBatch(
  builder: Builder,
  { rows, nodes, variadicCounts }: Assembly,
  { regions }: Body,
): number {
  // Flatbuffers are written from their end, so that the last comes first.
  RecordBatch.startNodesVector(builder, nodes.length);
  for (const { length, nullCount } of nodes.toReversed()) {
    FieldNode.createFieldNode(builder, BigInt(length), BigInt(nullCount));
  }
  const nodeVector = builder.endVector();
  RecordBatch.startBuffersVector(builder, regions.length);
  for (const { offset, length } of regions.toReversed()) {
    Region.createBuffer(builder, BigInt(offset), BigInt(length));
  }
  const regionVector = builder.endVector();
  const countVector = variadicCounts.length === 0
    ? undefined
    : RecordBatch.createVariadicBufferCountsVector(builder, variadicCounts.map(BigInt));
  RecordBatch.startRecordBatch(builder);
  RecordBatch.addLength(builder, BigInt(rows));
  RecordBatch.addNodes(builder, nodeVector);
  RecordBatch.addBuffers(builder, regionVector);
  if (countVector !== undefined) {
    RecordBatch.addVariadicBufferCounts(builder, countVector);
  }
  return RecordBatch.endRecordBatch(builder);
}

/** Copies keys and values as bytes, as they need not be UTF-8. */
function copyMetadata(builder: Builder, message: Message): number | undefined {
  const count = message.customMetadataLength();
  if (count === 0) return undefined;
  const pairs = Array.from({ length: count }, (_, index) => {
    const pair = message.customMetadata(index)!;
    const key = builder.createString(pair.key(Encoding.UTF8_BYTES));
    const value = builder.createString(pair.value(Encoding.UTF8_BYTES));
    return KeyValue.createKeyValue(builder, key, value);
  });
  return Message.createCustomMetadataVector(builder, pairs);
}
