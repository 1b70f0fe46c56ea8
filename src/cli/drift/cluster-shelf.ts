import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import type { DriftLook } from "../../console/index.ts";
import { connect, inCluster, KubeError, type KubeCall } from "../../kube/index.ts";
import { systemClock, type Clock } from "../../lib/index.ts";
import { publicationNames, readDriftReport } from "../../table/index.ts";
import type { DriftShelf } from "../make-console.ts";
import type { PodIdentity } from "../pod-identity.ts";

/** A report as it is kept: null where there is none yet. */
export interface KeptReport {
  report: string | null;
  page: string | null;
}

/** Reports come once a day, and a report is large: it is not parsed for every look. */
const keepMs = 30_000;

interface ClusterPlace {
  pod: PodIdentity;
  routerClass: string;
  serviceAccountFolder: string | undefined;
  /** Told of every call to the API server. */
  onCall?: (call: KubeCall) => void;
}

const callMs = 5_000;
const longestPage = 16 * 2 ** 20;
const unpack = promisify(gunzip);

/** The shelf of a pod: the ConfigMap of its group, which its Role lets it read by name. Asked only where somebody looks. */
export function clusterShelf(
  { pod, routerClass, serviceAccountFolder: folder, onCall }: ClusterPlace,
  clock: Clock = systemClock,
): DriftShelf {
  const name = publicationNames(routerClass).drift;
  const path = `/api/v1/namespaces/${pod.namespace}/configmaps/${name}`;
  return keptShelf(async () => {
    const endpoint = await inCluster({ ...pod.apiServer, clock, ...(folder && { folder }) });
    // A look in a while: no connection is worth keeping.
    const connection = connect(endpoint, onCall);
    try {
      const signal = AbortSignal.timeout(callMs);
      return await keptIn(await connection.json<MapOfReport>({ method: "GET", path, signal }));
    } catch (error) {
      if (error instanceof KubeError && error.code === "NotFound")
        return { report: null, page: null };
      throw error;
    } finally {
      await connection.close();
    }
  }, clock);
}

interface MapOfReport {
  data?: Record<string, string>;
  binaryData?: Record<string, string>;
}

async function keptIn({ data = {}, binaryData = {} }: MapOfReport): Promise<KeptReport> {
  const packed = binaryData["report.html.gz"];
  const report = data["drift.json"] ?? null;
  if (packed === undefined) return { report, page: null };
  const page = await unpack(Buffer.from(packed, "base64"), { maxOutputLength: longestPage });
  return { report, page: page.toString("utf8") };
}

interface Read {
  look: DriftLook;
  page: string | null;
}

/**
 * Reads at most every so often, whoever looks. What cannot be read is told in a sentence.
 *
 * @param read may reject
 */
export function keptShelf(read: () => Promise<KeptReport>, clock: Clock): DriftShelf {
  let last: { at: number; read: Promise<Read> } | undefined;
  const get = (): Promise<Read> => {
    const at = clock.elapsed();
    if (last === undefined || at - last.at >= keepMs) last = { at, read: readSafely(read) };
    return last.read;
  };
  return {
    look: async () => (await get()).look,
    page: async () => (await get()).page,
  };
}

async function readSafely(read: () => Promise<KeptReport>): Promise<Read> {
  try {
    const { report, page } = await read();
    return { look: lookOf(report, page !== null), page };
  } catch (error) {
    const why = `it cannot be read: ${error instanceof Error ? error.message : String(error)}`;
    return { look: { kind: "none", why }, page: null };
  }
}

function lookOf(text: string | null, hasPage: boolean): DriftLook {
  if (text === null) return { kind: "none", why: "the drift job has not run yet" };
  const report = readDriftReport(text);
  return report.ok
    ? { kind: "report", report: report.value, hasPage }
    : { kind: "none", why: report.error };
}
