/**
 * Names of tables on any Flight server.
 *
 * @module
 */
import {
  commandDescriptor,
  type FlightDescriptor,
  type Init,
  pathDescriptor,
} from "../../flight/mod.ts";
import { joinPath } from "../../tables/table_name.ts";
import { encodeHex } from "../../base/binary_text.ts";
import { oneLine } from "../../base/one_line.ts";
import { UsageError } from "../options/command_error.ts";
import type { GivenOptions } from "../options/given_options.ts";

/** How a name is meant: as a path, as a command, or as whichever the server knows. */
export type Naming = "path" | "command" | "any";

/**
 * How the options say that these names are meant.
 *
 * @throws {UsageError} when they say two things, or a name is empty.
 */
export function namingOf(options: GivenOptions, ...names: readonly string[]): Naming {
  checkNames(names);
  const [path, command] = [options.flag("path"), options.flag("command")];
  if (path && command) throw new UsageError("Cannot use --path with --command");
  return path ? "path" : command ? "command" : "any";
}

/** The descriptors that a name may stand for, the likeliest first. */
export function descriptorsOf(name: string, naming: Naming): Init<FlightDescriptor>[] {
  const command = commandDescriptor(name);
  const path = pathDescriptor(...partsOf(name));
  if (naming === "command") return [command];
  if (naming === "path") return [path];
  return name.includes("/") ? [command, path, pathDescriptor(name)] : [command, path];
}

/** The descriptor under which a table is put. */
export function putDescriptor(name: string, naming: Naming): Init<FlightDescriptor> {
  return descriptorsOf(name, naming)[0];
}

/** The parts of a path, in which `%2F` stands for a slash. */
function partsOf(name: string): string[] {
  return name.split("/").map((part) =>
    part.replaceAll(/%2F/gi, "/").replaceAll("%25", "%")
  );
}

/**
 * The name by which a descriptor is shown, and can be typed: a command's text, or a
 * path's parts with slashes between them. Undefined for a command that is no text.
 */
export function nameOf(descriptor: FlightDescriptor | undefined): string | undefined {
  if (descriptor?.type === "PATH") return joinPath(descriptor.path);
  if (descriptor?.type !== "CMD") return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
      .decode(descriptor.cmd);
  } catch {
    return undefined;
  }
}

/** The descriptor in words. */
export function describeDescriptor(descriptor: FlightDescriptor | undefined): string {
  if (descriptor?.type === "PATH") {
    return `path ${descriptor.path.map((part) => JSON.stringify(part)).join(" / ")}`;
  }
  if (descriptor?.type === "CMD") return `command ${showBytes(descriptor.cmd)}`;
  return "none";
}

/** Bytes as a text where they are one, and else in hexadecimal digits. */
export function showBytes(bytes: Uint8Array): string {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    if (oneLine(text) === text) return JSON.stringify(text);
  } catch {
    // They are no text.
  }
  const MAX_SHOWN = 64;
  const digits = encodeHex(bytes.subarray(0, MAX_SHOWN));
  return `${bytes.length} bytes ${digits}${bytes.length > MAX_SHOWN ? "…" : ""}`;
}

/** @throws {UsageError} when a name is empty. */
export function checkNames(names: readonly string[]): void {
  if (names.includes("")) throw new UsageError("Cannot use an empty name");
}
