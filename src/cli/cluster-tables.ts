import {
  getObject,
  Reflector,
  resourceTypes,
  Store,
  type Connection,
  type KubeObject,
} from "../kube/index.ts";
import type { TableHolder } from "../router/index.ts";
import {
  publicationKeys,
  publicationNames,
  readPointer,
  unpackBucket,
  type TablePointer,
} from "../table/index.ts";
import type { Log } from "../telemetry/index.ts";
import type { Acknowledgement } from "./acknowledgement.ts";
import type { Group } from "./folder-tables.ts";
import type { TableCopy } from "./table-copy.ts";

type ConfigMap = KubeObject & {
  data?: Readonly<Record<string, string>>;
  binaryData?: Readonly<Record<string, string>>;
};

interface Options {
  connection: Connection;
  group: Group;
  holder: TableHolder;
  acknowledgement: Pick<Acknowledgement, "tell">;
  copy: TableCopy;
  log: Log;
}

/** Should a watch ever lie, the pointer is seen this soon all the same. */
const rereadMs = 30_000;

/** Slots are rewritten while a router reads an older pointer: the newer one is looked at soon. */
const retryMs = 100;
const longestRetryMs = 5_000;

/**
 * The table of a group out of its ConfigMaps: the pointer is watched by name, the buckets that
 * changed are fetched and verified, and what was loaded is acknowledged. Whatever goes wrong, the
 * router keeps the table that it has.
 */
export class ClusterTables {
  readonly #options: Options;
  readonly #names: ReturnType<typeof publicationNames>;
  readonly #store = new Store<ConfigMap>();
  readonly #reflector: Reflector<ConfigMap>;
  #buckets: (Uint8Array | undefined)[] = [];
  #loading: Promise<void> | undefined;
  #again = false;
  #failures = 0;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: Options) {
    this.#options = options;
    this.#names = publicationNames(options.group.routerClass);
    const { connection, group, log } = options;
    this.#reflector = new Reflector({
      connection,
      type: resourceTypes.ConfigMap,
      store: this.#store,
      namespace: group.namespace,
      fieldSelector: `metadata.name=${this.#names.pointer}`,
      random: Math.random,
      onTrouble: (error) => {
        if (error !== undefined) log.warn("Watching the table failed", { error });
      },
    });
    this.#store.onChange(() => this.#refresh());
  }

  /** Begins with the copy on disk, if there is one, and follows the cluster from then on. */
  async start(): Promise<void> {
    const copied = await this.#options.copy.read();
    if (copied !== undefined && this.#options.holder.load(copied).ok) {
      this.#buckets = copied.buckets;
      this.#tell(undefined);
    }
    this.#reflector.start();
    this.#schedule(rereadMs);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#reflector.stop();
    await this.#loading;
  }

  #schedule(ms: number): void {
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    this.#timer = setTimeout(() => void this.#reread(), ms);
    this.#timer.unref();
  }

  async #reread(): Promise<void> {
    try {
      const { connection, group } = this.#options;
      this.#store.put(
        await getObject<ConfigMap>(connection, resourceTypes.ConfigMap, {
          namespace: group.namespace,
          name: this.#names.pointer,
        }),
      );
    } catch (error) {
      this.#options.log.debug("Reading the pointer failed", { error });
    }
    this.#refresh();
  }

  /** One loading at a time; a change during one leads to another. */
  #refresh(): void {
    if (this.#loading !== undefined) {
      this.#again = true;
      return;
    }
    this.#loading = this.#load().finally(() => {
      this.#loading = undefined;
      if (this.#again && !this.#stopped) {
        this.#again = false;
        this.#refresh();
      }
    });
  }

  async #load(): Promise<void> {
    const [object] = this.#store.all();
    // A pointer that is gone takes nothing away: the operator will write it again.
    if (object === undefined) return;
    const problem = await this.#adopt(object).catch((error: unknown) => String(error));
    this.#options.holder.setProblems(problem === undefined ? [] : [problem]);
    if (problem === undefined) {
      this.#failures = 0;
      this.#schedule(rereadMs);
      return;
    }
    this.#options.log.warn("Refusing a table", { error: problem });
    this.#tell(problem);
    this.#schedule(Math.min(retryMs * 2 ** this.#failures, longestRetryMs));
    this.#failures += 1;
  }

  /** @returns why the table that the object points to is not served */
  async #adopt(object: ConfigMap): Promise<string | undefined> {
    const { holder, copy, log } = this.#options;
    const pointer = readPointer(parseJson(object.data?.[publicationKeys.pointer]));
    if (!pointer.ok) return pointer.error.message;
    const { digest } = pointer.value;
    if (digest === holder.current?.digest) {
      this.#tell(undefined);
      return undefined;
    }
    const buckets = await this.#fetchBuckets(pointer.value);
    const loaded = holder.load({ pointer: pointer.value, buckets });
    if (!loaded.ok) return loaded.error.message;
    this.#tell(undefined);
    log.info("Loading a table", { digest });
    this.#buckets = buckets;
    await this.#keepCopy(pointer.value, copy);
    return undefined;
  }

  /** Those that the holder knows are at hand; only the others are asked for. */
  async #fetchBuckets(pointer: TablePointer): Promise<(Uint8Array | undefined)[]> {
    const known = this.#options.holder;
    return Promise.all(
      pointer.buckets.map(async ({ digest, slot = "A" }, index) =>
        known.knows(digest) && this.#buckets[index] !== undefined
          ? this.#buckets[index]
          : this.#fetchBucket(this.#names.slot(index, slot)),
      ),
    );
  }

  async #fetchBucket(name: string): Promise<Uint8Array | undefined> {
    const { connection, group } = this.#options;
    const where = { namespace: group.namespace, name };
    const slot = await getObject<ConfigMap>(connection, resourceTypes.ConfigMap, where);
    const packed = slot.binaryData?.[publicationKeys.bucket];
    if (packed === undefined) return undefined;
    const bucket = unpackBucket(Buffer.from(packed, "base64"));
    if (!bucket.ok) throw new Error(`${name}: ${bucket.error.message}`);
    return bucket.value;
  }

  async #keepCopy(pointer: TablePointer, copy: TableCopy): Promise<void> {
    const buckets = this.#buckets.filter((bucket) => bucket !== undefined);
    if (buckets.length !== pointer.buckets.length) return;
    await copy.write({ pointer, buckets }).catch((error: unknown) => {
      this.#options.log.warn("Keeping a copy of the table failed", { error });
    });
  }

  #tell(error: string | undefined): void {
    const digest = this.#options.holder.current?.digest;
    this.#options.acknowledgement.tell({ digest, error });
  }
}

function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
}
