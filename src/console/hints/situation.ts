import type {
  BackendRow,
  DriftView,
  Hint,
  LatencyRow,
  RouteRow,
  Severity,
  SpendRow,
} from "../console-view.ts";
import type { Facts } from "../facts.ts";

/** What hints are found in: the facts, and the rows that were made of them. */
export interface Situation {
  facts: Facts;
  routes: readonly RouteRow[];
  backends: readonly BackendRow[];
  latency: readonly LatencyRow[];
  spend: readonly SpendRow[];
  drift: DriftView;
}

export type Look = (situation: Situation) => readonly Hint[];

interface About {
  route?: string;
  backend?: string;
  tenant?: string;
}

/** @param told the sentence, and what to do next; with or without a full stop, since others write some of them */
export function hint(
  severity: Severity,
  code: string,
  told: readonly [sentence: string, advice: string],
  { route = null, backend = null, tenant = null }: { [name in keyof About]?: string | null } = {},
): Hint {
  const [sentence = "", advice = ""] = told.map((each) => each.trim().replace(/\.$/, ""));
  return { severity, code, sentence, advice, route, backend, tenant };
}
