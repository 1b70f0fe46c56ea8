import { unwatchFile, watchFile } from "node:fs";
import { readFile } from "node:fs/promises";
import { holdsLabel, type ConfigMapManifest } from "../../api/index.ts";
import { publicationNames, readDriftReport, type DriftReport } from "../../table/index.ts";
import type { DriftReading } from "../../telemetry/index.ts";
import type { Group } from "../folder-tables.ts";
import type { DriftShelf } from "../make-console.ts";
import { driftFiles } from "./drift-files.ts";

/** How soon a new report is seen. */
const pollMs = 2_000;

/** The report that `switchyard drift` has left beside a local router's records: it may pin, and consoles and metrics show it. */
export class LocalDrift {
  readonly #group: Group;
  readonly #files: { report: string; page: string };
  #last: DriftReport | null = null;

  constructor(group: Group, recordFolder: string) {
    this.#group = group;
    this.#files = driftFiles(recordFolder);
  }

  /** As a folder takes it; none where there is no report. */
  async configMaps(): Promise<ConfigMapManifest[]> {
    const content = await this.#read();
    if (content === "") return [];
    const { namespace, routerClass } = this.#group;
    const metadata = {
      name: publicationNames(routerClass).drift,
      namespace,
      labels: { [holdsLabel]: "drift" },
      annotations: {},
    };
    return [{ kind: "ConfigMap", metadata, holds: "drift", content }];
  }

  async #read(): Promise<string> {
    const text = await readFile(this.#files.report, "utf8").catch(() => "");
    const report = readDriftReport(text);
    this.#last = report.ok ? report.value : null;
    return text;
  }

  /** Of the report as it was last read. */
  readings(): DriftReading[] {
    return Object.values(this.#last?.routes ?? {}).flatMap(({ series }) =>
      series.map(({ key, signal, state, score, threshold, samples }) => {
        return { ...key, signal, state, score, threshold, samples };
      }),
    );
  }

  shelf(): DriftShelf {
    const page = () => readFile(this.#files.page, "utf8").catch(() => null);
    return {
      page,
      look: async () => {
        await this.#read();
        if (this.#last === null)
          return { kind: "none", why: "npm run switchyard -- drift makes one of the records here" };
        return { kind: "report", report: this.#last, hasPage: (await page()) !== null };
      },
    };
  }

  /** @returns what ends it */
  watch(onChange: () => void): () => void {
    const { report } = this.#files;
    watchFile(report, { interval: pollMs, persistent: false }, onChange);
    return () => unwatchFile(report, onChange);
  }
}
