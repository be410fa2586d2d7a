/**
 * Texts in lines.
 *
 * @module
 */

/** Cuts a stream of texts into its lines, without the line breaks. */
export class TextLineStream extends TransformStream<string, string> {
  /** A stream that has seen no line yet. */
  constructor() {
    let rest = "";
    super({
      transform(text, controller) {
        const lines = (rest + text).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) controller.enqueue(line);
      },
      flush(controller) {
        if (rest !== "") controller.enqueue(rest);
      },
    });
  }
}
