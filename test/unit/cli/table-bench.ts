// A router's side of a group on an API server that a test breaks as it likes.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { gzipSync } from "node:zlib";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Acknowledged } from "../../../src/cli/acknowledgement.ts";
import { ClusterTables } from "../../../src/cli/cluster-tables.ts";
import { TableCopy } from "../../../src/cli/table-copy.ts";
import { connect, type Connection } from "../../../src/kube/index.ts";
import { pointerText } from "../../../src/operator/cluster-publication.ts";
import { planPublication } from "../../../src/operator/publication-plan.ts";
import { TableHolder } from "../../../src/router/index.ts";
import {
  encodeTable,
  publicationKeys,
  publicationNames,
  publishedAtAnnotation,
  type RoutingTable,
  type TablePointer,
} from "../../../src/table/index.ts";
import type { Log, TableLoaded } from "../../../src/telemetry/index.ts";
import type { Place } from "../../support/kube/api-state.ts";
import { HostileApi } from "../../support/kube/hostile-api.ts";
import type { ModelFile } from "../../support/model-file.ts";
import { backendEntry, byName, routeEntry, standingClock } from "../routing/sample-entries.ts";

const group = { namespace: "shop", routerClass: "default" };
export const names = publicationNames(group.routerClass);

export const placeOfMap = (name: string): Place => ({
  resource: "/api/v1/configmaps",
  namespace: group.namespace,
  name,
});

/** Routes by name, each with the model that it is called by, and with the classifier of that digest. */
export function tableOf(
  models: Readonly<Record<string, string>>,
  classifier?: string,
): RoutingTable {
  const backend = backendEntry("nova");
  const taught = classifier === undefined ? {} : { classifier };
  const routes = Object.entries(models).map(([name, model]) =>
    routeEntry([backend], { name, models: [model], ...taught }),
  );
  return {
    schemaVersion: 1,
    group,
    backends: byName([backend]),
    routes: Object.fromEntries(routes.map((route) => [route.name, route])),
    tenants: {},
    plans: {},
  };
}

export class TableBench {
  readonly api: HostileApi;
  readonly folder: string;
  readonly told: Acknowledged[] = [];
  /** What the pointers that are written say of it. */
  publishedAt: string | undefined;
  readonly lines: string[] = [];
  readonly loads: TableLoaded[] = [];
  /** When the table in use was last heard to be the one published. */
  confirmedAt: number | undefined;
  readonly holder = new TableHolder(standingClock(), {
    tableLoaded: (table) => void this.loads.push(table),
    tableConfirmed: (at) => void (this.confirmedAt = at),
    tableRefused: () => undefined,
  });
  #pointer: TablePointer | undefined;
  readonly #beside: TableBench[] = [];
  readonly #running: { tables: ClusterTables; connection: Connection }[] = [];

  private constructor(api: HostileApi, folder: string) {
    this.api = api;
    this.folder = folder;
  }

  static async open(): Promise<TableBench> {
    const folder = await mkdtemp(join(tmpdir(), "switchyard-tables-"));
    return new TableBench(await HostileApi.start(), folder);
  }

  /** Another router with the disk of one that has stopped, on the same API server. */
  static beside(other: TableBench): TableBench {
    const bench = new TableBench(other.api, other.folder);
    other.#beside.push(bench);
    return bench;
  }

  async close(): Promise<void> {
    for (const other of this.#beside) await other.stop();
    await this.stop();
    await this.api.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  async start(changes: { rereadMs?: number } = {}): Promise<ClusterTables> {
    const connection = connect(this.api.endpoint);
    const note = (message: string, fields?: object): void => {
      this.lines.push(`${message} ${JSON.stringify(fields)}`);
    };
    const log: Log = { debug: () => undefined, info: note, warn: note, error: note };
    const tables = new ClusterTables({
      connection,
      group,
      holder: this.holder,
      acknowledgement: { tell: (told) => void this.told.push(told) },
      copy: new TableCopy(this.folder, (error) => note("copy", { error: String(error) })),
      log,
      ...changes,
    });
    this.#running.push({ tables, connection });
    await tables.start();
    return tables;
  }

  /** As a router does: what is under way is ended with the connection. */
  async stop(): Promise<void> {
    for (const { tables, connection } of this.#running.splice(0)) {
      const ended = tables.stop();
      await connection.close();
      await ended;
    }
  }

  /** As the operator does: the slots that are not named, and then the pointer. */
  publish(
    models: Readonly<Record<string, string>>,
    model?: ModelFile,
    beforePointer: () => void = () => undefined,
  ): TablePointer {
    const table = tableOf(models, model?.digest);
    const plan = planPublication(this.#pointer, encodeTable(table), model && gzipSync(model.bytes));
    if (!plan.ok) throw new Error("The table does not fit");
    for (const { name, gzip } of plan.value.slots) this.writeSlot(name, gzip);
    beforePointer();
    this.writePointer(plan.value.pointer);
    return plan.value.pointer;
  }

  writeSlot(name: string, gzip: Uint8Array): void {
    const key = name.includes("-model-") ? publicationKeys.model : publicationKeys.bucket;
    const binaryData = { [key]: Buffer.from(gzip).toString("base64") };
    this.api.state.put(placeOfMap(name), { binaryData });
  }

  writePointer(pointer: TablePointer): void {
    this.#pointer = pointer;
    this.writePointerText(pointerText(pointer));
  }

  writePointerText(text: string): void {
    const annotations =
      this.publishedAt === undefined ? {} : { [publishedAtAnnotation]: this.publishedAt };
    const data = { [publicationKeys.pointer]: text };
    this.api.state.put(placeOfMap(names.pointer), { metadata: { annotations }, data });
  }

  slotOf(bucket: number): string {
    return names.slot(bucket, this.#pointer?.buckets[bucket]?.slot ?? "A");
  }

  /** Names of the slots that were asked for since the calls were emptied. */
  slotsRead(): string[] {
    return this.api.calls
      .map(({ path }) => path.split("/").at(-1) ?? "")
      .filter((name) => name.includes("-bucket-"));
  }

  /** The models that new requests can name. */
  models(): string[] {
    return [...(this.holder.current?.routes.byModel.keys() ?? [])].toSorted();
  }
}

const patienceMs = 10_000;

export async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const giveUpAt = performance.now() + patienceMs;
  while (!(await isSo())) {
    if (performance.now() > giveUpAt) throw new Error(`${what} did not come about`);
    await sleep(5);
  }
}
