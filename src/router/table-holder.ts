import {
  atOnce,
  collectYoung,
  err,
  inSlices,
  ok,
  type Clock,
  type Result,
  type Steps,
} from "../lib/index.ts";
import type { ClassifierEstimator } from "../routing/index.ts";
import {
  decodeSteps,
  type KnownBuckets,
  type TableError,
  type TablePointer,
} from "../table/index.ts";
import type { Telemetry } from "../telemetry/index.ts";
import { ownClassifier } from "./classifiers.ts";
import { snapshotSteps, type Snapshot } from "./snapshot.ts";

/** A table as its source gives it: what the holder has decoded before needs no bytes. */
export interface OfferedTable {
  pointer: TablePointer;
  buckets: readonly (Uint8Array | undefined)[];
  /** The file of the classifier model that the pointer names. */
  model?: Uint8Array | undefined;
  /** When it was published, in milliseconds since the Unix epoch, where its publisher says so. */
  publishedAt?: number | undefined;
}

/** A table of thousands of routes takes tens of milliseconds: requests wait no longer than for another one. */
const sliceMs = 0.3;

type TableTelemetry = Pick<Telemetry, "tableLoaded" | "tableConfirmed" | "tableRefused">;

/** Holds the snapshot that new requests take. Loading is all or nothing: what does not verify changes nothing. */
export class TableHolder {
  readonly #clock: Clock;
  readonly #telemetry: TableTelemetry;
  readonly #onLoad: (snapshot: Snapshot) => void;
  readonly #builtIn: ClassifierEstimator | undefined;
  readonly #known: KnownBuckets = new Map();
  #current: Snapshot | undefined;
  /** When this router had its first table: what was published before says nothing of how fast tables come. */
  #servesSince = Infinity;
  #confirmedAt: number | undefined;
  #problems: readonly string[] = [];
  #refused: TableError | undefined;
  #loading: Promise<unknown> = Promise.resolve();

  /**
   * @param onLoad told of every new snapshot, so that what is kept beside it can follow
   * @param builtIn judges the requests of routes that name no classifier of their own
   */
  constructor(
    clock: Clock,
    telemetry: TableTelemetry,
    onLoad: (snapshot: Snapshot) => void = () => undefined,
    builtIn?: ClassifierEstimator,
  ) {
    this.#clock = clock;
    this.#telemetry = telemetry;
    this.#onLoad = onLoad;
    this.#builtIn = builtIn;
  }

  /** Undefined before the first table: the router is not ready then. */
  get current(): Snapshot | undefined {
    return this.#current;
  }

  /** When its source last confirmed the table in use, by `performance.now()`; undefined before it did. */
  get confirmedAt(): number | undefined {
    return this.#confirmedAt;
  }

  /** What is wrong with the source of the tables, in sentences for people; empty when all is well. */
  get problems(): readonly string[] {
    const refused = this.#refused;
    if (refused === undefined) return this.#problems;
    // The source may pass on what it was told when it offered the table.
    return [...new Set([...this.#problems, refused.message])];
  }

  /** Replaces what the table's source has to say of itself. */
  setProblems(problems: readonly string[]): void {
    this.#problems = problems;
  }

  /** The source said at that time (by `performance.now()`) that the table in use is the one it publishes. */
  confirm(heardAt: number): void {
    this.#confirmedAt = heardAt;
    this.#telemetry.tableConfirmed(heardAt);
  }

  /** Loads in one go: at the start, when there is nobody yet to be kept waiting. */
  load(encoded: OfferedTable): Result<Snapshot, TableError> {
    return atOnce(this.#load(encoded));
  }

  /** Loads beside the requests that are being served, one table after the other. */
  loadInSlices(encoded: OfferedTable): Promise<Result<Snapshot, TableError>> {
    const loaded = this.#loading.then(() => inSlices(this.#load(encoded), sliceMs, collectYoung));
    this.#loading = loaded.catch(() => undefined);
    return loaded;
  }

  *#load(encoded: OfferedTable): Steps<Result<Snapshot, TableError>> {
    const { digest } = encoded.pointer;
    const current = this.#current;
    if (current?.digest === digest) {
      this.#refused = undefined;
      return ok(current);
    }
    const own = ownClassifier(encoded.pointer, encoded.model, current?.classifiers.own);
    if (!own.ok) return this.#refuse(own.error);
    yield;
    const decoded = yield* decodeSteps(encoded, this.#known);
    if (!decoded.ok) return this.#refuse(decoded.error);
    const loadedAt = this.#clock.now();
    const classifiers = {
      ...(this.#builtIn && { builtIn: this.#builtIn }),
      ...(own.value && { own: own.value }),
    };
    const given = { digest, loadedAt, classifiers };
    const snapshot = yield* snapshotSteps(decoded.value, given, current);
    this.#refused = undefined;
    this.#current = snapshot;
    this.#announce(snapshot, encoded.publishedAt);
    this.#onLoad(snapshot);
    return ok(snapshot);
  }

  #refuse(error: TableError): Result<never, TableError> {
    this.#refused = error;
    this.#telemetry.tableRefused(error.code);
    return err(error);
  }

  #announce({ digest, loadedAt, table }: Snapshot, publishedAt = -Infinity): void {
    const now = this.#clock.now();
    this.#telemetry.tableLoaded({
      digest,
      loadedAt,
      routes: Object.keys(table.routes).length,
      backends: Object.keys(table.backends).length,
      tenants: Object.keys(table.tenants).length,
      propagationMs: publishedAt < this.#servesSince ? null : Math.max(0, now - publishedAt),
    });
    this.#servesSince = Math.min(this.#servesSince, now);
  }
}
