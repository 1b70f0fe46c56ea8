import { z } from "zod";
import { objectName, label } from "../kinds/scalars.ts";
import { checkShape, problemAt } from "./check-shape.ts";
import type { Metadata, Source } from "./manifest.ts";
import type { Path, Problem } from "./problem.ts";
import { readableMetadata } from "./readable-metadata.ts";

/** What makes a ConfigMap one of ours: its value says what it holds. */
export const holdsLabel = "switchyard.dev/holds";

const holdings = ["plans", "classifier", "abilities", "golden-set", "drift"] as const;

export type Holding = (typeof holdings)[number];

/** Where each keeps it. */
const members: Readonly<Record<Holding, { map: "data" | "binaryData"; key: string }>> = {
  plans: { map: "data", key: "plans.json" },
  classifier: { map: "binaryData", key: "model.gz" },
  abilities: { map: "data", key: "abilities.json" },
  "golden-set": { map: "data", key: "golden-set.yaml" },
  drift: { map: "data", key: "drift.json" },
};

/** A ConfigMap that is labelled as one of ours; of what it holds only where it stands is known. */
export interface ConfigMapManifest {
  kind: "ConfigMap";
  metadata: Metadata;
  holds: Holding;
  /** The text, or bytes in base64; empty where there are none. */
  content: string;
  source?: Source;
  /** What keeps it from being used. */
  problems?: readonly Problem[];
}

export interface ConfigMapReading {
  configMap?: ConfigMapManifest;
  /** Why it cannot be told what it is meant to be. */
  problem?: Problem;
}

type Members = Readonly<Record<string, unknown>>;

/** The API server takes no more, keys and values together. */
const mostBytes = 1024 * 1024;

const identity = z.object({ name: objectName(), namespace: label().exactOptional() });

/**
 * Takes an object, from a file or from the API server, for a ConfigMap of ours.
 *
 * @returns undefined where it is none
 */
export function toConfigMap(value: unknown, source?: Source): ConfigMapReading | undefined {
  const { apiVersion, kind, metadata } = (value ?? {}) as Members;
  if (kind !== "ConfigMap") return undefined;
  const { labels } = (metadata ?? {}) as { labels?: Members };
  const holds = labels?.[holdsLabel];
  if (holds === undefined) return undefined;
  if (apiVersion !== "v1")
    return { problem: problemAt(["apiVersion"], source, "Write v1 for a ConfigMap.") };
  if (isHolding(holds)) return identified(value as Members, holds, source);
  const message = `There is nothing of that kind: write one of ${holdings.join(", ")}.`;
  return { problem: problemAt(["metadata", "labels", holdsLabel], source, message) };
}

function identified(value: Members, holds: Holding, source: Source | undefined): ConfigMapReading {
  const { metadata } = value;
  const named = checkShape(identity, metadata, { path: ["metadata"], source });
  if (!named.ok)
    return { problem: named.error[0] ?? problemAt(["metadata"], source, "Write a name.") };
  const content = contentOf(value, holds, source);
  return {
    configMap: {
      kind: "ConfigMap",
      metadata: { ...readableMetadata(metadata), ...named.value },
      holds,
      ...(source === undefined ? {} : { source }),
      ...content,
    },
  };
}

const isHolding = (value: unknown): value is Holding =>
  holdings.some((holding) => holding === value);

/** The place of what a ConfigMap holds, as findings name it. */
export function contentPath(holds: Holding): Path {
  const { map, key } = members[holds];
  return [map, key];
}

function contentOf(
  value: Members,
  holds: Holding,
  source: Source | undefined,
): Pick<ConfigMapManifest, "content" | "problems"> {
  const { map, key } = members[holds];
  const refuse = (path: Path, message: string) => ({
    content: "",
    problems: [problemAt(path, source, message)],
  });
  const size = sizeOf(value["data"]) + sizeOf(value["binaryData"]);
  if (size > mostBytes) {
    const message = `The ConfigMap holds ${size} bytes, and Kubernetes takes ${mostBytes} at most: split it, or make it smaller.`;
    return refuse([], message);
  }
  const held = (value[map] ?? {}) as Members;
  const content = held[key];
  if (typeof content !== "string" || content === "") {
    return refuse(contentPath(holds), `There is no text here: put the ${holds} under ${key}.`);
  }
  if (map === "data") return { content };
  // YAML folds long texts at white space.
  const bytes = content.replace(/\s+/g, "");
  if (bytes.length % 4 !== 0 || !base64.test(bytes)) {
    return refuse(contentPath(holds), "This is no base64: write the file's bytes so.");
  }
  return { content: bytes };
}

const base64 = /^[A-Za-z0-9+/]+={0,2}$/;

function sizeOf(map: unknown): number {
  if (typeof map !== "object" || map === null) return 0;
  return Object.entries(map).reduce(
    (sum, [key, text]) => sum + Buffer.byteLength(key) + Buffer.byteLength(String(text)),
    0,
  );
}
