/**
 * Writes flight.json from Flight.proto. A module on JSR cannot read a file that
 * lies beside it, so the service is loaded from this JSON, which it can import.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import protobuf from "protobufjs";

/** The descriptor of Flight.proto, with the fields' names in camelCase. */
export function generateDescriptor(): string {
  const root = new protobuf.Root();
  root.resolvePath = (_origin, target) =>
    target === "Flight.proto"
      ? fileURLToPath(new URL("./Flight.proto", import.meta.url))
      : target;
  root.loadSync("Flight.proto").resolveAll();
  return JSON.stringify(root.toJSON(), null, 2) + "\n";
}

if (import.meta.main) {
  await Deno.writeTextFile(
    new URL("./flight.json", import.meta.url),
    generateDescriptor(),
  );
}
