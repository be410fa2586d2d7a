/**
 * A Python program that runs beside a test.
 *
 * @module
 */
import { ProgramProcess } from "../program_process.ts";

/** A script that runs with the interpreter in TINYFLIGHT_PYTHON, until it is killed. */
export class PythonProcess extends ProgramProcess {
  /** Starts the script at this path with these arguments. */
  constructor(script: string, ...args: string[]) {
    const interpreter = Deno.env.get("TINYFLIGHT_PYTHON");
    if (interpreter === undefined) {
      throw new Error("Cannot start Python: TINYFLIGHT_PYTHON is not set");
    }
    super(interpreter, script, ...args);
  }
}
