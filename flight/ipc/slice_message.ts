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
import type { Assembly } from "../arrow/format/assembly.ts";
import { type Body, type IpcMessage, layBody } from "../arrow/format/write_message.ts";

const INITIAL_BYTES = 1024;

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
