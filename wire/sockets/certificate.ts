/**
 * The names in a certificate (RFC 5280), read from its bytes. The texts that runtimes
 * make of them cannot be trusted: in some, a name may contain what looks like another.
 *
 * @module
 */

/** The names that a certificate gives its owner. */
export interface CertificateNames {
  /** The last common name of the subject; undefined when it has none. */
  readonly commonName: string | undefined;
  /** The hosts: names in lower case, of which `*.` may be the first label. */
  readonly hosts: readonly string[];
  /** The IP addresses, IPv6 in its shortest form. */
  readonly addresses: readonly string[];
  /** All alternative names, such as `DNS:ada.example`, `IP:::1` or `URI:spiffe://a/b`. */
  readonly alternativeNames: readonly string[];
}

/** A value in DER: its tag, and its content. */
interface Value {
  readonly tag: number;
  readonly content: Uint8Array;
}

const COMMON_NAME = "85.4.3";
const SUBJECT_ALTERNATIVE_NAME = "85.29.17";

const OBJECT_IDENTIFIER = 0x06;
const OCTET_STRING = 0x04;
const BMP_STRING = 0x1e;
const T61_STRING = 0x14;
const VERSION = 0xa0;
const EXTENSIONS = 0xa3;
const EMAIL = 0x81;
const DNS_NAME = 0x82;
const URI = 0x86;
const IP_ADDRESS = 0x87;

/**
 * Reads the names of a certificate in DER.
 *
 * @throws {Error} when it is malformed.
 */
export function readCertificateNames(der: Uint8Array): CertificateNames {
  const [certificate] = valuesIn(der);
  const [signed] = valuesIn(certificate?.content ?? new Uint8Array());
  const fields = valuesIn(signed?.content ?? new Uint8Array());
  // Version, serial number, algorithm, issuer, validity, subject, ...
  const subject = fields[fields[0]?.tag === VERSION ? 5 : 4];
  if (subject === undefined) throw malformed();
  const extensions = fields.find(({ tag }) => tag === EXTENSIONS);
  return {
    commonName: commonNameIn(subject.content),
    ...alternativeNamesIn(extensions?.content ?? new Uint8Array()),
  };
}

/** Whether a certificate with these names is one of this host, a name or an address. */
export function coversHost(names: CertificateNames, host: string): boolean {
  if (isAddress(host)) return names.addresses.includes(canonicalAddress(host));
  const wanted = host.toLowerCase().replace(/\.$/, "");
  const dot = wanted.indexOf(".");
  return names.hosts.some((name) =>
    name === wanted ||
    // The star is one whole label (RFC 6125, 6.4.3).
    (dot > 0 && name.startsWith("*.") && name.slice(1) === wanted.slice(dot))
  );
}

/** Whether a host is an IP address and not a name. */
export function isAddress(host: string): boolean {
  return host.includes(":") || /^\d+(\.\d+){3}$/.test(host);
}

function commonNameIn(subject: Uint8Array): string | undefined {
  let name: string | undefined;
  for (const set of valuesIn(subject)) {
    for (const attribute of valuesIn(set.content)) {
      const [type, value] = valuesIn(attribute.content);
      if (value !== undefined && identifierOf(type) === COMMON_NAME) {
        name = textOf(value);
      }
    }
  }
  return name;
}

function alternativeNamesIn(
  extensions: Uint8Array,
): Omit<CertificateNames, "commonName"> {
  const hosts: string[] = [];
  const addresses: string[] = [];
  const alternativeNames: string[] = [];
  for (const { tag, content } of generalNamesIn(extensions)) {
    const text = new TextDecoder().decode(content);
    if (tag === DNS_NAME) {
      hosts.push(text.toLowerCase());
      alternativeNames.push(`DNS:${text}`);
    } else if (tag === IP_ADDRESS) {
      const address = addressOf(content);
      addresses.push(address);
      alternativeNames.push(`IP:${address}`);
    } else if (tag === URI) alternativeNames.push(`URI:${text}`);
    else if (tag === EMAIL) alternativeNames.push(`email:${text}`);
  }
  return { hosts, addresses, alternativeNames };
}

function generalNamesIn(extensions: Uint8Array): Value[] {
  for (const list of valuesIn(extensions)) {
    for (const extension of valuesIn(list.content)) {
      const [type, ...rest] = valuesIn(extension.content);
      if (identifierOf(type) !== SUBJECT_ALTERNATIVE_NAME) continue;
      const octets = rest.find(({ tag }) => tag === OCTET_STRING);
      const [names] = valuesIn(octets?.content ?? new Uint8Array());
      return valuesIn(names?.content ?? new Uint8Array());
    }
  }
  return [];
}

/** The values that stand one after the other in these bytes. */
function valuesIn(bytes: Uint8Array): Value[] {
  const values: Value[] = [];
  let at = 0;
  while (at < bytes.length) {
    const tag = bytes[at++];
    let length = bytes[at++];
    if (length > 0x80) {
      let count = length - 0x80;
      if (count > 4) throw malformed();
      for (length = 0; count > 0; count--) length = length * 256 + bytes[at++];
    }
    // A byte that is not there makes the length NaN.
    if (!(at + length <= bytes.length)) throw malformed();
    values.push({ tag, content: bytes.subarray(at, at + length) });
    at += length;
  }
  return values;
}

/** An object identifier as the numbers of its bytes. */
function identifierOf(value: Value | undefined): string | undefined {
  return value?.tag === OBJECT_IDENTIFIER ? value.content.join(".") : undefined;
}

function textOf({ tag, content }: Value): string {
  if (tag === T61_STRING) return new TextDecoder("latin1").decode(content);
  if (tag === BMP_STRING) return new TextDecoder("utf-16be").decode(content);
  return new TextDecoder().decode(content);
}

function addressOf(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  if (bytes.length !== 16) throw malformed();
  const groups = Array.from({ length: 8 }, (_, index) => {
    return (bytes[2 * index] * 256 + bytes[2 * index + 1]).toString(16);
  });
  return canonicalAddress(groups.join(":"));
}

/** An IP address in its shortest form. */
function canonicalAddress(address: string): string {
  if (!address.includes(":")) return address;
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}

function malformed(): Error {
  return new Error("the certificate is malformed");
}
