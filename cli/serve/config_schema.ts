/**
 * Writes tinyflight.schema.json: the JSON schema of the configuration file, by which
 * editors complete and check it.
 *
 * @module
 */
import { configName, type Option } from "../options/option.ts";
import { SERVE_OPTIONS } from "./serve_options.ts";

/** The schema as text. */
export function configSchema(): string {
  const properties: Record<string, unknown> = {
    $schema: { type: "string", description: "the schema of this file" },
  };
  for (const option of SERVE_OPTIONS.variables.values()) {
    properties[configName(option)] = schemaOf(option);
  }
  const schema = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Configuration of tinyflight serve",
    type: "object",
    properties,
    additionalProperties: false,
  };
  return JSON.stringify(schema, null, 2) + "\n";
}

function schemaOf({ kind, help, byDefault }: Option): Record<string, unknown> {
  const description = byDefault === undefined ? help : `${help} (${byDefault})`;
  if (typeof kind !== "string") return { enum: kind, description };
  switch (kind) {
    case "flag":
      return { type: "boolean", description };
    case "port":
      return { type: "integer", minimum: 0, maximum: 65535, description };
    case "count":
      return { type: "integer", minimum: 1, description };
    case "bytes":
      return { type: ["integer", "string"], description, examples: ["64MiB"] };
    case "time":
      return { type: "string", description, examples: ["90s"] };
    case "list": {
      const items = { type: "string" };
      return { type: "array", items, description };
    }
    default:
      return { type: "string", description };
  }
}

if (import.meta.main) {
  const path = new URL("../../tinyflight.schema.json", import.meta.url);
  await Deno.writeTextFile(path, configSchema());
}
