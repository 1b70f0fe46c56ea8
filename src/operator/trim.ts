import type { KubeObject, ObjectMeta } from "../kube/index.ts";
import { contentDigest as digestOf, publicationKeys, unpackBucket } from "../table/index.ts";
import type { WatchedPod } from "./acknowledgements.ts";
import { fieldManager } from "./group.ts";
import { without } from "./manifest-of.ts";

/** A ConfigMap of a group: of a slot no more than what tells whether it holds what it should. */
export interface WatchedConfigMap extends KubeObject {
  /** The pointer's text. */
  pointer?: string;
  /** The digest of a slot's uncompressed bytes; empty where they cannot be read. Of a model's slot, of its gzip. */
  contentDigest?: string;
  data?: Readonly<Record<string, string>>;
}

const applied = "kubectl.kubernetes.io/last-applied-configuration";

/** One of our kinds, without what no one reads: 2,000 of them are held. */
export function trimResource(item: KubeObject): KubeObject {
  const metadata = without(item.metadata, "managedFields");
  return {
    ...item,
    metadata: { ...metadata, annotations: without(metadata.annotations ?? {}, applied) },
  };
}

/** A ConfigMap of a team or a job. Of a drift report its page is for people alone, and large. */
export function trimHeld(item: KubeObject): KubeObject {
  const { binaryData } = item as { binaryData?: Readonly<Record<string, string>> };
  const trimmed = trimResource(item);
  return binaryData === undefined
    ? trimmed
    : ({ ...trimmed, binaryData: without(binaryData, "report.html.gz") } as KubeObject);
}

/** A router's pod: whether it is ready. */
export function trimPod({ apiVersion, kind, metadata, status }: KubeObject): WatchedPod {
  const { conditions = [] } = (status ?? {}) as { conditions?: Condition[] };
  const ready = conditions.some((each) => each.type === "Ready" && each.status === "True");
  return { apiVersion, kind, metadata: without(metadata, "managedFields"), ready };
}

interface Condition {
  type: string;
  status: string;
}

/** A Lease: what it is annotated with. That it was renewed is no news. */
export function trimLease({ apiVersion, kind, metadata }: KubeObject): KubeObject {
  return { apiVersion, kind, metadata: without(metadata, "managedFields") };
}

export function trimConfigMap(item: KubeObject): WatchedConfigMap {
  const { apiVersion, kind, metadata } = item;
  const { data = {}, binaryData = {} } = item as {
    data?: Record<string, string>;
    binaryData?: Record<string, string>;
  };
  const pointer = data[publicationKeys.pointer];
  const contentDigest = digestOfSlot(binaryData);
  return {
    apiVersion,
    kind,
    metadata: withOwnManager(metadata),
    ...(pointer === undefined && contentDigest === undefined ? { data } : {}),
    ...(pointer === undefined ? {} : { pointer }),
    ...(contentDigest === undefined ? {} : { contentDigest }),
  };
}

function digestOfSlot(binaryData: Readonly<Record<string, string>>): string | undefined {
  const { [publicationKeys.bucket]: bucket, [publicationKeys.model]: model } = binaryData;
  if (model !== undefined) return digestOf(Buffer.from(model, "base64"));
  if (bucket === undefined) return undefined;
  const bytes = unpackBucket(Buffer.from(bucket, "base64"));
  return bytes.ok ? digestOf(bytes.value) : "";
}

/** An object that routers need: all but its status, which changes by itself. */
export function trimGroupObject(item: KubeObject): KubeObject {
  return { ...without(item, "status"), metadata: withOwnManager(item.metadata) };
}

type Managed = ObjectMeta & {
  managedFields?: readonly { manager?: string; subresource?: string }[];
};

/** What others own changes with their status; which fields are ours says what we once applied. */
function withOwnManager(metadata: Managed): ObjectMeta {
  const { managedFields = [], ...rest } = metadata;
  const own = managedFields.filter(
    ({ manager, subresource }) => manager === fieldManager && subresource === undefined,
  );
  return { ...rest, managedFields: own } as ObjectMeta;
}

/** Whether two versions of an object say the same, as far as they are kept. */
export function isSameContent(left: KubeObject, right: KubeObject): boolean {
  return JSON.stringify(unversioned(left)) === JSON.stringify(unversioned(right));
}

function unversioned({ metadata, ...item }: KubeObject): unknown {
  return { ...item, metadata: without(metadata, "resourceVersion") };
}
