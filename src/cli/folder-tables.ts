import { pathOf, type ConfigMapManifest, type Finding, type Manifest } from "../api/index.ts";
import { systemClock } from "../lib/index.ts";
import { compile, groupsOf, type ClassSettings } from "../compile/index.ts";
import type { TableHolder } from "../router/index.ts";
import { encodeTable, type RoutingTable } from "../table/index.ts";
import type { ConfigFolder } from "./config-folder.ts";
import { modelInFolder, readModelMap, type ModelBytes } from "./model-map.ts";
import { UsageError } from "./usage-error.ts";

export interface Group {
  namespace: string;
  routerClass: string;
}

export interface Refreshed {
  /** Whether routers now serve another table. */
  changed: boolean;
  digest: string;
  table: RoutingTable;
  findings: Finding[];
  /** Everything that people should know of, in sentences: of files, resources and the table. */
  problems: string[];
}

/** What a job of this process adds to its folder. */
export interface Made {
  /** ConfigMaps that no file holds. */
  configMaps: readonly ConfigMapManifest[];
  /** Routes that the job is about to get a certificate for: that they lack one is no news yet. */
  certifying: ReadonlySet<string>;
}

const nothingMade: Made = { configMaps: [], certifying: new Set() };

export interface FolderSources {
  folder: ConfigFolder;
  group: Group;
  settings: ClassSettings;
  /** ConfigMaps that lie elsewhere: read with the folder. */
  beside?: (() => Promise<readonly ConfigMapManifest[]>) | undefined;
}

/** Takes the operator's place in front of a folder: the same compile, the same encoding, the same loading. */
export class FolderTables {
  readonly #folder: ConfigFolder;
  readonly #group: Group;
  readonly #settings: ClassSettings;
  readonly #holder: TableHolder;
  #published: RoutingTable | undefined;
  /** The group's own classifier model, where the published table names one. */
  #model: ModelBytes | undefined;
  #made = nothingMade;
  /** ConfigMaps that lie elsewhere. */
  readonly #beside: () => Promise<readonly ConfigMapManifest[]>;
  /** Whether the folder, as it was last read, is what routers serve. */
  #isServed = false;

  constructor({ folder, group, settings, beside }: FolderSources, holder: TableHolder) {
    this.#beside = beside ?? (async () => []);
    this.#folder = folder;
    this.#group = group;
    this.#settings = settings;
    this.#holder = holder;
  }

  /** In place of what was made before. */
  take(made: Made): void {
    this.#made = made;
  }

  /** A look at the folder found what was there at the last refresh. */
  confirm(): void {
    if (this.#isServed) this.#holder.confirm(systemClock.elapsed());
  }

  /** @param publishedAt when somebody changed what the table is made from, in milliseconds since the Unix epoch */
  async refresh(publishedAt?: number): Promise<Refreshed> {
    this.#isServed = false;
    const reading = await this.#folder.read();
    const { manifests, errors, warnings } = reading;
    const configMaps = [...reading.configMaps, ...this.#made.configMaps, ...(await this.#beside())];
    const { table, findings } = compile({
      group: this.#group,
      manifests,
      configMaps,
      readModel: readModelMap,
      settings: this.#settings,
      now: Date.now(),
      ...(this.#published === undefined ? {} : { published: this.#published }),
      ...(this.#model === undefined ? {} : { keptModel: this.#model.digest }),
    });
    const encoded = encodeTable(table);
    const model = this.#modelOf(encoded.pointer.model?.digest, configMaps);
    const before = this.#holder.current?.digest;
    const offered = { ...encoded, model: model?.bytes, publishedAt };
    const loaded = await this.#holder.loadInSlices(offered);
    if (loaded.ok) {
      this.#isServed = reading.isListed;
      this.confirm();
      this.#published = table;
      this.#model = model;
    }
    const told = findings.filter((finding) => !this.#isExpected(finding));
    const found = told.map((finding) => findingText(finding, [...manifests, ...configMaps]));
    const all = [...errors, ...warnings, ...found];
    this.#holder.setProblems(all);
    const { digest } = encoded.pointer;
    return { changed: loaded.ok && digest !== before, digest, table, findings, problems: all };
  }

  #isExpected({ reason, ref }: Finding): boolean {
    return reason === "NotCertified" && this.#made.certifying.has(ref.name);
  }

  #modelOf(
    digest: string | undefined,
    configMaps: readonly ConfigMapManifest[],
  ): ModelBytes | undefined {
    if (digest !== undefined && digest === this.#model?.digest) return this.#model;
    return modelInFolder(digest, configMaps);
  }
}

/** A finding as one line, with the file and line of the field that it speaks of, or of its resource. */
export function findingText(
  { severity, ref, path, message }: Finding,
  manifests: readonly Pick<Manifest | ConfigMapManifest, "kind" | "metadata" | "source">[],
): string {
  const manifest = manifests.find(
    ({ kind, metadata }) =>
      kind === ref.kind &&
      metadata.name === ref.name &&
      (metadata.namespace ?? "default") === ref.namespace,
  );
  const source = manifest?.source;
  const mark = severity === "Warning" ? "warning: " : "";
  const field = path === undefined || path === "" ? "" : `${path}: `;
  const line = field === "" ? source?.line : source?.lineOf(pathOf(path ?? ""));
  const place = source === undefined ? "" : `${source.file}:${line}: `;
  return `${place}${mark}${ref.kind} ${ref.name}: ${field}${message}`;
}

/**
 * The one group that a local router serves.
 *
 * @throws UsageError where the folder holds none, or several and none is chosen
 */
export function chooseGroup(
  manifests: readonly Manifest[],
  wanted: { namespace?: string | undefined; routerClass?: string | undefined },
  folder: string,
): Group {
  const groups = groupsOf(manifests).filter(
    (group) =>
      (wanted.namespace ?? group.namespace) === group.namespace &&
      (wanted.routerClass ?? group.routerClass) === group.routerClass,
  );
  const [first] = groups;
  if (first === undefined) {
    throw new UsageError(
      `${folder} holds no ModelRoute to serve: add one, or correct --namespace and --class`,
    );
  }
  if (groups.length === 1) return first;
  const list = groups.map(({ namespace, routerClass }) => `${namespace}/${routerClass}`).join(", ");
  throw new UsageError(
    `${folder} holds routes of several groups (${list}); a router serves one: choose it with --namespace and --class`,
  );
}
