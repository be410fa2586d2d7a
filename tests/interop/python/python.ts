/**
 * Runs Python, with pyarrow as the second implementation that our bytes are held
 * against.
 *
 * @module
 */

/**
 * Runs the Python script at this path with these arguments, and gives what it prints. The
 * interpreter is the one in TINYFLIGHT_PYTHON, which has pyarrow.
 */
export function runPython(script: string, ...args: string[]): Promise<string> {
  return runPythonWith({}, script, ...args);
}

/** The same, in a folder or with environment variables. */
export async function runPythonWith(
  options: Pick<Deno.CommandOptions, "cwd" | "env">,
  script: string,
  ...args: string[]
): Promise<string> {
  const interpreter = Deno.env.get("TINYFLIGHT_PYTHON");
  if (interpreter === undefined) {
    throw new Error("Cannot run the interop tests: TINYFLIGHT_PYTHON is not set");
  }
  const command = new Deno.Command(interpreter, {
    ...options,
    args: [script, ...args],
  });
  const { success, stdout, stderr } = await command.output();
  if (!success) throw new Error(`Python failed: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}
