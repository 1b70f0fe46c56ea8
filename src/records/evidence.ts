import type { RequestRecord } from "./request-record.ts";

/** What one label says of one answer to a request. */
export interface EvidenceLabel {
  /** Whose answer was judged: not always that of the backend which served; of feedback, it is. */
  backend: string;
  /** 0 (wrong) to 1 (right). */
  score: number;
  source: "golden" | "shadow" | "feedback";
}

/** What was believed of a candidate that no hard limit had dropped. */
export interface EvidenceOption {
  backend: string;
  /** The estimated probability of a correct answer; null where nothing was estimated. */
  p: number | null;
  expectedCostUsd: number | null;
  /** Whether it was expected to keep the envelope. */
  inEnvelope: boolean;
}

/** One request with what was believed, what it cost and how its answers were judged: what plans are made from. */
export interface EvidenceRow {
  requestId: string;
  /** Groups the answers of several backends to one prompt: `golden:SET/ID@DIGEST`, or the id of the request that was first asked. */
  promptId: string;
  route: string;
  tenant: string | null;
  /** When the request arrived: milliseconds since the epoch. */
  ts: number;
  arm: RequestRecord["arm"];
  options: readonly EvidenceOption[];
  /** The backend that answered; null where none did. */
  chosen: string | null;
  /** What the request cost, without shadows and judges, which have rows of their own, and what the baseline would have cost it: USD. */
  costUsd: number;
  baselineCostUsd: number | null;
  /** Of input and output together, over all its attempts; null where nothing is known. */
  tokens: number | null;
  /** What the client waited for; null where no token came. */
  firstTokenMs: number | null;
  latencyMs: number;
  /** Whether the client got an error that was not its own: a status from 500. */
  failed: boolean;
  classifierDigest: string | null;
  /** Whether the classifier's training held requests like it: where not, a certified route serves its baseline. */
  isFamiliar: boolean;
  planDigest: string | null;
  /** In the order of their ids. */
  labels: readonly EvidenceLabel[];
}

/** Which requests are wanted, by the time of their arrival. */
export interface EvidenceRange {
  /** Of the group; a bucket or folder may hold those of many. */
  namespace: string;
  routerClass: string;
  since: Date;
  until: Date;
}

/** What a reading saw and left out; whole when its last row has come. */
export interface EvidenceTally {
  rows: number;
  labels: number;
  /** Lines of a label id that another line took the place of: the latest counts, once. */
  duplicateLabels: number;
  /** Whose tenant or route is not that of the request they name, or that judge an answer which it has not. */
  foreignLabels: number;
  /** Of requests that are not among those read. */
  orphanLabels: number;
  /** Lines that are no records, and files that could not be read on. */
  broken: number;
}

export const emptyTally = (): EvidenceTally => ({
  rows: 0,
  labels: 0,
  duplicateLabels: 0,
  foreignLabels: 0,
  orphanLabels: 0,
  broken: 0,
});

/** Gives rows in no promised order, with bounded memory however many there are. One range is read at a time. */
export interface EvidenceSource {
  evidence(range: EvidenceRange, tally?: EvidenceTally): AsyncGenerator<EvidenceRow, void, void>;
}
