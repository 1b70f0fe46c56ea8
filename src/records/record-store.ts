import type { Readable } from "node:stream";

/**
 * Files of records, by paths that are the same in a folder and in a bucket:
 * `[STREAM/]date=YYYY-MM-DD/namespace=NS/route=ROUTE/HH-….ndjson.gz`, always with slashes.
 */
export interface RecordStore {
  /** Where it is, as people write it. */
  readonly name: string;
  /** How many files are fetched at a time: what is far away is waited for together. */
  readonly readAhead: number;
  /**
   * Paths that begin with the prefix, sorted; none where there is nothing.
   *
   * @throws Error where the store is there and cannot be listed
   */
  list(prefix: string): AsyncIterable<string>;
  /**
   * @throws MissingFile, and any other error where the store fails: what cannot be fetched today may be there
   * tomorrow, so nothing is to be concluded without it
   */
  open(path: string): Promise<Readable>;
  /** Those that are gone already are no fault. @throws Error */
  remove(paths: readonly string[]): Promise<void>;
  close(): void;
}

/** The file went away, or cannot be read for a reason that will not pass. Others may still be read. */
export class MissingFile extends Error {}
