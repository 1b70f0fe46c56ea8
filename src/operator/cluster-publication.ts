import {
  apiVersionOf,
  applyObject,
  getObject,
  KubeError,
  resourceTypes,
  type Connection,
  type KubeObject,
} from "../kube/index.ts";
import { canonicalJson, systemClock, type Json } from "../lib/index.ts";
import {
  publicationKeys,
  publicationNames,
  publishedAtAnnotation,
  type TablePointer,
} from "../table/index.ts";
import { fieldManager, groupMetadata } from "./group.ts";
import type { SlotWrite } from "./publication-plan.ts";
import type { PublicationStore } from "./publish.ts";
import { trimConfigMap, type WatchedConfigMap } from "./trim.ts";

type ConfigMap = KubeObject & {
  data?: Readonly<Record<string, string>>;
  binaryData?: Readonly<Record<string, string>>;
};

const type = resourceTypes.ConfigMap;

/** The pointer and slots of one group as ConfigMaps, owned by the group's anchor. */
export class ClusterPublication implements PublicationStore {
  /** Must be set before anything is written. */
  anchorUid: string | undefined;
  readonly #connection: Connection;
  readonly #group: { namespace: string; routerClass: string };
  /** Of the pointer as last read or written: a leader that was overtaken gets a Conflict. */
  #pointerVersion: string | undefined;

  constructor(connection: Connection, group: { namespace: string; routerClass: string }) {
    this.#connection = connection;
    this.#group = group;
  }

  async readPointer(): Promise<unknown> {
    const found = await this.#read(this.#pointerName);
    this.#pointerVersion = found?.metadata.resourceVersion;
    const text = found?.data?.[publicationKeys.pointer];
    if (found === undefined) return undefined;
    // What is there and cannot be parsed is not absent: its slots may be read by somebody.
    return parseJson(text) ?? null;
  }

  async readSlot(name: string): Promise<Uint8Array | undefined> {
    const { [publicationKeys.bucket]: bucket, [publicationKeys.model]: model } =
      (await this.#read(name))?.binaryData ?? {};
    const packed = bucket ?? model;
    return packed === undefined ? undefined : Buffer.from(packed, "base64");
  }

  async writeSlot({ bucket, name, gzip }: SlotWrite): Promise<void> {
    const key = bucket === null ? publicationKeys.model : publicationKeys.bucket;
    const binaryData = { [key]: Buffer.from(gzip).toString("base64") };
    await this.#apply({ ...this.#frame(name), binaryData });
  }

  async writePointer(pointer: TablePointer): Promise<void> {
    const frame = this.#frame(this.#pointerName);
    const version = this.#pointerVersion;
    const annotations = {
      [publishedAtAnnotation]: new Date(systemClock.now()).toISOString(),
    };
    const metadata = {
      ...frame.metadata,
      annotations,
      ...(version === undefined ? {} : { resourceVersion: version }),
    };
    const data = { [publicationKeys.pointer]: pointerText(pointer) };
    const written = await this.#apply({ ...frame, metadata, data });
    this.#pointerVersion = written.metadata.resourceVersion;
  }

  /** Whether an object is as it should be, asked of the API server itself. */
  async isSound(name: string, isAsWanted: (found: WatchedConfigMap) => boolean): Promise<boolean> {
    const found = await this.#read(name);
    if (name === this.#pointerName) this.#pointerVersion = found?.metadata.resourceVersion;
    return found !== undefined && isAsWanted(trimConfigMap(found));
  }

  get #pointerName(): string {
    return publicationNames(this.#group.routerClass).pointer;
  }

  #frame(name: string): ConfigMap {
    if (this.anchorUid === undefined) throw new Error("The group has no anchor yet");
    const metadata = groupMetadata({ ...this.#group, anchorUid: this.anchorUid }, name);
    return { apiVersion: apiVersionOf(type), kind: type.kind, metadata };
  }

  #apply(item: ConfigMap): Promise<ConfigMap> {
    return applyObject(item, { connection: this.#connection, type, fieldManager });
  }

  async #read(name: string): Promise<ConfigMap | undefined> {
    const { namespace } = this.#group;
    try {
      return await getObject<ConfigMap>(this.#connection, type, { namespace, name });
    } catch (error) {
      if (error instanceof KubeError && error.code === "NotFound") return undefined;
      throw error;
    }
  }
}

/** One text for equal pointers, whoever parsed them. */
export const pointerText = (pointer: TablePointer): string =>
  canonicalJson(pointer as unknown as Json);

function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
}
