/**
 * What a test of a store is.
 *
 * @module
 */
import type { TableStore } from "../store.ts";

/** A store to be tested. */
export interface StoreFixture extends Partial<AsyncDisposable> {
  /** An empty store. */
  readonly store: TableStore;
  /**
   * A second store at the same place, as another process would have it. Without one,
   * what several processes see of each other is not tested.
   */
  readonly other?: TableStore;
}

/** A promise of the interface, and what shows that it is kept. */
export interface StoreCase {
  readonly name: string;
  run(fixture: StoreFixture): Promise<void>;
}
