import {
  getObject,
  Reflector,
  resourceTypes,
  Store,
  type Connection,
  type KubeObject,
} from "../kube/index.ts";
import { backoffDelay, systemClock } from "../lib/index.ts";
import type { TableHolder } from "../router/index.ts";
import {
  publicationKeys,
  publicationNames,
  publishedAtAnnotation,
  readPointer,
} from "../table/index.ts";
import type { Log } from "../telemetry/index.ts";
import type { Acknowledgement } from "./acknowledgement.ts";
import type { Group } from "./folder-tables.ts";
import type { CopiedTable, TableCopy } from "./table-copy.ts";
import { TableSlots } from "./table-slots.ts";

type ConfigMap = KubeObject & { data?: Readonly<Record<string, string>> };

interface Options {
  connection: Connection;
  group: Group;
  holder: TableHolder;
  acknowledgement: Pick<Acknowledgement, "tell">;
  copy: TableCopy;
  log: Log;
  /** Should a watch ever lie, the pointer is seen this soon all the same, in milliseconds. */
  rereadMs?: number;
}

/** Slots are rewritten while a router reads an older pointer: the newer one is looked at soon. */
const retry = { baseMs: 100, ceilingMs: 5_000 };

/**
 * The table of a group out of its ConfigMaps: the pointer is watched by name, the buckets that
 * changed are fetched and verified, and what was loaded is acknowledged. Whatever goes wrong, the
 * router keeps the table that it has.
 */
export class ClusterTables {
  readonly #options: Options;
  readonly #rereadMs: number;
  readonly #pointer: { namespace: string; name: string };
  readonly #store = new Store<ConfigMap>();
  readonly #slots: TableSlots;
  readonly #reflector: Reflector<ConfigMap>;
  #loading: Promise<void> | undefined;
  #again = false;
  #failures = 0;
  /** The pointer that could not be followed when it was last tried. */
  #doubted: ConfigMap | undefined;
  /** Why the table that the pointer names is not served, as people were told. */
  #refusal: string | undefined;
  /** Why the pointer cannot be watched. */
  #trouble: string | undefined;
  /** When the API server last said what the pointer is. */
  #heardAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: Options) {
    const { connection, group, rereadMs = 30_000 } = options;
    this.#options = options;
    this.#rereadMs = rereadMs;
    this.#slots = new TableSlots(connection, group);
    const { namespace, routerClass } = group;
    this.#pointer = { namespace, name: publicationNames(routerClass).pointer };
    this.#reflector = new Reflector({
      connection,
      type: resourceTypes.ConfigMap,
      store: this.#store,
      namespace,
      fieldSelector: `metadata.name=${this.#pointer.name}`,
      random: Math.random,
      onTrouble: (error) => this.#noteTrouble(error),
    });
    this.#store.onChange(({ after }) => {
      if (after?.metadata.name !== this.#pointer.name) return;
      this.#heardAt = systemClock.elapsed();
      this.#refresh();
    });
  }

  /** Begins with the copy on disk, if there is one, and follows the cluster from then on. */
  async start(): Promise<void> {
    const copied = await this.#options.copy.read();
    if (copied !== undefined && this.#isOurs(copied) && this.#options.holder.load(copied).ok) {
      this.#slots.keep(copied);
      this.#tell(undefined);
    }
    this.#reflector.start();
    this.#schedule(this.#rereadMs);
  }

  /** Resolves when nothing is loaded any more; calls that are under way are the connection's to end. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#reflector.stop();
    await this.#loading;
    await this.#options.copy.settled();
  }

  /** A folder may have been another group's before. */
  #isOurs({ pointer }: CopiedTable): boolean {
    const { namespace, routerClass } = this.#options.group;
    return pointer.group.namespace === namespace && pointer.group.routerClass === routerClass;
  }

  #schedule(ms: number): void {
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    this.#timer = setTimeout(() => void this.#reread(), ms);
    this.#timer.unref();
  }

  async #reread(): Promise<void> {
    const before = this.#known();
    try {
      const { connection } = this.#options;
      const read = await getObject<ConfigMap>(connection, resourceTypes.ConfigMap, this.#pointer);
      // What the watch has brought meanwhile may be newer than this answer.
      if (this.#known() === before) this.#store.put(read);
      this.#heardAt = systemClock.elapsed();
    } catch (error) {
      if (!this.#stopped) this.#options.log.debug("Reading the pointer failed", { error });
    }
    this.#refresh();
  }

  #known(): ConfigMap | undefined {
    return this.#store.get(`${this.#pointer.namespace}/${this.#pointer.name}`);
  }

  /** One loading at a time; a change during one leads to another. */
  #refresh(): void {
    if (this.#stopped) return;
    if (this.#loading !== undefined) {
      this.#again = true;
      return;
    }
    this.#loading = this.#load().finally(() => {
      this.#loading = undefined;
      if (!this.#again) return;
      this.#again = false;
      this.#refresh();
    });
  }

  async #load(): Promise<void> {
    const object = this.#known();
    // A pointer that is gone takes nothing away: the operator will write it again.
    if (object === undefined) return this.#schedule(this.#rereadMs);
    const heardAt = this.#heardAt;
    const problem = await this.#adopt(object).catch(messageOf);
    if (this.#stopped) return;
    if (problem === undefined) this.#settle(heardAt);
    else this.#refuse(object, problem);
  }

  #settle(heardAt: number): void {
    this.#options.holder.confirm(heardAt);
    this.#failures = 0;
    this.#doubted = undefined;
    this.#refusal = undefined;
    this.#showProblems();
    this.#tell(undefined);
    this.#schedule(this.#rereadMs);
  }

  #refuse(object: ConfigMap, problem: string): void {
    // At first it may be a slot that was rewritten meanwhile, of which the next look knows better.
    if (object === this.#doubted || this.#failures > 2) {
      if (problem !== this.#refusal) this.#options.log.warn("Refusing a table", { error: problem });
      this.#refusal = problem;
      this.#showProblems();
      this.#tell(problem);
    }
    this.#doubted = object;
    this.#schedule(backoffDelay(this.#failures, retry, 1));
    this.#failures += 1;
  }

  /** @returns why the table that the object points to is not served */
  async #adopt(object: ConfigMap): Promise<string | undefined> {
    const { holder, copy, log } = this.#options;
    const read = readPointer(parseJson(object.data?.[publicationKeys.pointer]));
    if (!read.ok) return read.error.message;
    const pointer = read.value;
    const isNew = pointer.digest !== holder.current?.digest;
    const buckets = isNew ? await this.#slots.fetch(pointer) : [];
    const model = isNew ? await this.#slots.fetchModel(pointer) : undefined;
    if (this.#stopped) return undefined;
    // Also the table that is served: a refusal of another is over when the pointer comes back to it.
    const publishedAt = publicationTime(object);
    const loaded = await holder.loadInSlices({ pointer, buckets, model, publishedAt });
    if (!loaded.ok) return loaded.error.message;
    if (!isNew) return undefined;
    log.info("Loading a table", { digest: pointer.digest });
    const table = { pointer, buckets: buckets.filter((bucket) => bucket !== undefined), model };
    this.#slots.keep(table);
    copy.keep(table);
    return undefined;
  }

  #noteTrouble(error: Error | undefined): void {
    if (error !== undefined) this.#options.log.warn("Watching the table failed", { error });
    this.#trouble = error && `The table cannot be watched: ${error.message}`;
    this.#showProblems();
  }

  #showProblems(): void {
    const problems = [this.#refusal, this.#trouble].filter((problem) => problem !== undefined);
    this.#options.holder.setProblems(problems);
  }

  #tell(error: string | undefined): void {
    const digest = this.#options.holder.current?.digest;
    this.#options.acknowledgement.tell({ digest, error });
  }
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

/** Undefined where an operator of another release wrote the pointer. */
function publicationTime({ metadata }: ConfigMap): number | undefined {
  const time = Date.parse(metadata.annotations?.[publishedAtAnnotation] ?? "");
  return Number.isNaN(time) ? undefined : time;
}

function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
}
