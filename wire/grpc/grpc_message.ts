/**
 * The trailer `grpc-message`: a text of any characters, percent-encoded in UTF-8
 * ("Status-Message" in gRPC's protocol over HTTP/2).
 *
 * @module
 */
import { Buffer } from "node:buffer";

/**
 * The most octets of an encoded text. Peers allow about 8 KiB for all trailers
 * together, and other trailers need their part.
 */
const MAX_ENCODED_LENGTH = 2048;
/** Stands for what was cut off. */
const ELLIPSIS = "%E2%80%A6";

/** The header's value for a text, cut where it would be too long for peers. */
export function writeMessage(text: string): string {
  const isPlain = /^([!-$&-~]([ -$&-~]*[!-$&-~])?)?$/.test(text);
  if (isPlain && text.length <= MAX_ENCODED_LENGTH) return text;
  // A character has one octet or more: what is behind is cut in any case.
  const kept = text.slice(0, MAX_ENCODED_LENGTH + 1).toWellFormed();
  const pieces: string[] = [];
  let length = 0;
  let keptLength = 0;
  for (const character of kept) {
    const piece = encodeCharacter(character);
    length += piece.length;
    if (length > MAX_ENCODED_LENGTH) {
      return encodeEdges(pieces.slice(0, keptLength).join("") + ELLIPSIS);
    }
    pieces.push(piece);
    if (length <= MAX_ENCODED_LENGTH - ELLIPSIS.length - 2) keptLength = pieces.length;
  }
  return encodeEdges(pieces.join(""));
}

/** The text of a header's value; what is wrongly encoded stays as it is. */
export function readMessage(value: string): string {
  if (/^[ -$&-~]*$/.test(value)) return value;
  const octets = value.replace(
    /%([0-9A-Fa-f]{2})/g,
    (_, digits) => String.fromCharCode(parseInt(digits, 16)),
  );
  return Buffer.from(octets, "latin1").toString("utf8");
}

function encodeCharacter(character: string): string {
  if (/[ -$&-~]/.test(character)) return character;
  let encoded = "";
  for (const octet of Buffer.from(character, "utf8")) {
    encoded += `%${octet.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return encoded;
}

/** A field's value neither begins nor ends with a space (RFC 9113, 8.2.1). */
function encodeEdges(value: string): string {
  return value.replace(/^ | $/g, "%20");
}
