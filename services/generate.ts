/**
 * Writes descriptors.json from the .proto files: what reflection sends, and how the
 * messages of the services here are read. A module on JSR cannot read a file that lies
 * beside it.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { fileURLToPath } from "node:url";
import protobuf from "protobufjs";
import descriptor from "protobufjs/ext/descriptor/index.js";

/** The files, by the names under which reflection gives them. */
const FILES: { readonly [name: string]: string } = {
  "Flight.proto": "../proto/Flight.proto",
  "grpc/health/v1/health.proto": "./health.proto",
  "grpc/reflection/v1/reflection.proto": "./reflection_v1.proto",
  "grpc/reflection/v1alpha/reflection.proto": "./reflection_v1alpha.proto",
};
const TIMESTAMP = "google/protobuf/timestamp.proto";

/** Each file as a FileDescriptorProto in base64, by its name. */
export function generateDescriptors(): string {
  const found: Record<string, string> = {};
  for (const [name, path] of Object.entries(FILES)) {
    const root = new protobuf.Root() as protobuf.Root & {
      toDescriptor(syntax: string): { file: descriptor.IFileDescriptorProto[] };
    };
    root.resolvePath = (_origin, target) =>
      target === name ? fileURLToPath(new URL(path, import.meta.url)) : target;
    root.loadSync(name, { keepCase: true }).resolveAll();
    for (const file of root.toDescriptor("proto3").file) {
      const isOwn = file.package !== "google.protobuf";
      file.name = isOwn ? name : TIMESTAMP;
      if (name === "Flight.proto" && isOwn) file.dependency = [TIMESTAMP];
      file.messageType?.forEach(correct);
      const bytes = descriptor.FileDescriptorProto.encode(file).finish();
      found[isOwn ? name : TIMESTAMP] = Buffer.from(bytes).toString("base64");
    }
  }
  return JSON.stringify(found, null, 2) + "\n";
}

/** Says what protobufjs leaves out, and takes away what it says too much. */
function correct(message: descriptor.IDescriptorProto): void {
  for (const field of message.field ?? []) {
    if (field.options?.packed === false) delete field.options;
    const oneof = message.oneofDecl?.[field.oneofIndex ?? -1]?.name;
    if (oneof === `_${field.name}`) Object.assign(field, { proto3Optional: true });
  }
  for (const nested of message.nestedType ?? []) {
    correct(nested);
    const field = message.field?.find(({ typeName }) => typeName === nested.name);
    if (!nested.options?.mapEntry || field === undefined) continue;
    nested.name = field.typeName = `${pascalCase(field.name!)}Entry`;
  }
}

function pascalCase(name: string): string {
  return name.replace(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase());
}

if (import.meta.main) {
  await Deno.writeTextFile(
    new URL("./descriptors.json", import.meta.url),
    generateDescriptors(),
  );
}
