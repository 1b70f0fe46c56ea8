import type { EvidenceRow } from "../../records/index.ts";
import type { SourceScope } from "../histogram-source.ts";
import type { AccuracyLabel } from "../series.ts";
import { orderedLabels } from "./ordered-labels.ts";

/** The labels that the rows bear, of routes in scope, each with the baseline's score of the same prompt. */
export function labelsOfEvidence(scope: SourceScope): {
  add: (row: EvidenceRow) => void;
  labels: () => AccuracyLabel[];
} {
  const routes = new Set(scope.routes.map(({ name }) => name));
  const ordered = orderedLabels(scope);
  return {
    add: ({ route, tenant, ts, promptId, labels }) => {
      if (!routes.has(route)) return;
      for (const { backend, score, source } of labels)
        ordered.add({ key: { route, backend, tenant }, ts, score, source, promptId });
    },
    labels: ordered.labels,
  };
}
