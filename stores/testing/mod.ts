/**
 * The tests that every {@linkcode TableStore} passes: one for each promise of the
 * interface. Run a store of your own through them.
 *
 * @example A store of one's own under Deno's tests
 * ```ts
 * import { MemoryStore } from "@tinyflight/flight/server";
 * import { testStore } from "@tinyflight/flight/stores/testing";
 *
 * class MyStore extends MemoryStore {}
 *
 * testStore(() => ({ store: new MyStore() }), (name, run) => {
 *   Deno.test(`MyStore: ${name}`, run); // or `test(name, run)` of node:test
 * });
 * ```
 *
 * @module
 */
import { CONDITION_CASES } from "./condition_cases.ts";
import { CONTENT_CASES } from "./content_cases.ts";
import { NAME_CASES } from "./name_cases.ts";
import { OTHER_CASES } from "./other_cases.ts";
import type { StoreCase, StoreFixture } from "./store_case.ts";
import { VERSION_CASES } from "./version_cases.ts";

export type { ArrowMessage } from "../../flight/arrow/format/arrow_message.ts";
export type { StoreFixture } from "./store_case.ts";
export type {
  SchemaLayout,
  StoreDropOptions,
  StoredTable,
  StorePutOptions,
  TableEntry,
  TableLocation,
  TableMessage,
  TablePiece,
  TablePut,
  TableStore,
} from "../store.ts";
export type { TableMessages, TableReading } from "../table_reading.ts";
export type { DescriptorType, FlightDescriptor } from "../../proto/messages.ts";
export type { Init, MessageType } from "../../proto/message_type.ts";

const CASES: readonly StoreCase[] = [
  ...CONTENT_CASES,
  ...VERSION_CASES,
  ...CONDITION_CASES,
  ...NAME_CASES,
  ...OTHER_CASES,
];

/**
 * Declares the tests of a store, each by a call of `declare` with its name and what
 * it runs. Each test makes an empty store of its own, and disposes of the fixture at
 * its end. No test takes the store more than some 100 MB, or 300 tables.
 *
 * @example A store, and a second one at the same place
 * ```ts
 * import { MemoryStore } from "@tinyflight/flight/server";
 * import { testStore } from "@tinyflight/flight/stores/testing";
 *
 * const make = () => {
 *   const store = new MemoryStore();
 *   return { store, other: store };
 * };
 * testStore(make, (name, run) => {
 *   Deno.test(name, run);
 * });
 * ```
 */
export function testStore(
  make: () => StoreFixture | Promise<StoreFixture>,
  declare: (name: string, run: () => Promise<void>) => void,
): void {
  for (const { name, run } of CASES) {
    declare(name, async () => {
      const fixture = await make();
      try {
        await run(fixture);
      } finally {
        await fixture[Symbol.asyncDispose]?.();
      }
    });
  }
}
