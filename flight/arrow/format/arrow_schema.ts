/**
 * The schema of apache-arrow, under a name of this library.
 *
 * @module
 */
import type { Table } from "apache-arrow";

/** A schema of apache-arrow, as its tables have it. */
export type ArrowSchema = Table["schema"];
