import type { Metadata } from "./manifest.ts";

type Members = Readonly<Record<string, unknown>>;

/** What of metadata has the right type; the document's own check has said what has not. */
export function readableMetadata(metadata: unknown): Omit<Metadata, "name"> {
  const { uid, generation, creationTimestamp, labels, annotations } = metadata as Members;
  return {
    labels: textMembers(labels),
    annotations: textMembers(annotations),
    ...(typeof uid === "string" ? { uid } : {}),
    ...(typeof generation === "number" ? { generation } : {}),
    ...(typeof creationTimestamp === "string" ? { creationTimestamp } : {}),
  };
}

function textMembers(value: unknown): Record<string, string> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter(
      (member): member is [string, string] => typeof member[1] === "string",
    ),
  );
}
