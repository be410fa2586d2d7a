/**
 * Finds the dictionaries that have to be sent before a batch.
 *
 * @module
 */
import { type Data, DataType, type Dictionary, type Field } from "apache-arrow";

/** A dictionary to send, or what is to be added to the one that was sent. */
export interface DictionaryPart {
  /** The dictionary's id in the stream's schema. */
  readonly id: number;
  /** The path of the first column that it belongs to. */
  readonly path: string;
  /** The type of its values. */
  readonly type: DataType;
  /** Its values; undefined when the batch has none, and only the type is known. */
  readonly data: Data | undefined;
  /** Whether the values are added to those that were sent before. */
  readonly isDelta: boolean;
}

/**
 * Remembers the chunks of each dictionary of a stream that were sent. When a batch has
 * these chunks and more, the new ones are sent as a delta; when it has some of them,
 * nothing is sent; otherwise its dictionary replaces the one that was sent.
 *
 * Every dictionary is sent before the first batch, even an empty one, as readers expect
 * them all.
 */
export class DictionaryTracker {
  readonly #sent = new Map<number, readonly Data[]>();

  /**
   * What to send before a batch of these columns, in order. A dictionary whose values
   * refer to another one comes after it.
   *
   * @throws {TypeError} when the chunks of one dictionary refer to different
   * dictionaries.
   */
  *pending(
    fields: readonly Field[],
    columns: readonly (Data | undefined)[],
  ): Generator<DictionaryPart> {
    yield* this.#visit(fields, columns, "", true);
  }

  *#visit(
    fields: readonly Field[],
    columns: readonly (Data | undefined)[],
    parent: string,
    mayReplace: boolean,
  ): Generator<DictionaryPart> {
    for (const [index, { name, type }] of fields.entries()) {
      const column = columns[index];
      const path = parent + name;
      if (DataType.isDictionary(type)) {
        const chunks = column?.dictionary?.data ?? [];
        yield* this.#dictionary(type, chunks, path, mayReplace);
      } else if (type.children?.length > 0) {
        const children = column?.children ?? [];
        yield* this.#visit(type.children, children, `${path}.`, mayReplace);
      }
    }
  }

  *#dictionary(
    type: Dictionary,
    chunks: readonly Data[],
    path: string,
    mayReplace: boolean,
  ): Generator<DictionaryPart> {
    const sent = this.#sent.get(type.id);
    const isKnown = sent !== undefined && sent.length > 0 &&
      sent.every((chunk, index) => index >= chunks.length || chunk === chunks[index]);
    if (isKnown && chunks.length <= sent.length) return;
    if (!isKnown && sent !== undefined && chunks.length === 0) return;
    if (!isKnown && sent !== undefined && !mayReplace) {
      throw new TypeError(
        "Cannot encode a dictionary of several chunks: they refer to dictionaries that " +
          "differ, and a stream has only one of them at a time",
      );
    }
    const first = isKnown ? sent.length : 0;
    const news = chunks.length === 0 ? [undefined] : chunks.slice(first);
    for (const [index, data] of news.entries()) {
      const isDelta = first + index > 0;
      if (isDelta && data?.length === 0) continue;
      const { dictionary } = type;
      const children = data?.children ?? [];
      yield* this.#visit(
        dictionary.children ?? [],
        children,
        `${path}.`,
        mayReplace && !isDelta,
      );
      yield { id: type.id, path, type: dictionary, data, isDelta };
    }
    this.#sent.set(type.id, chunks);
  }
}
