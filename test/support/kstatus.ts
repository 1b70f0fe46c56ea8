/** What kstatus, and with it Flux and kpt, makes of a resource. */
export type Kstatus = "InProgress" | "Failed" | "Current" | "Terminating";

interface Observed {
  metadata: { generation?: number; deletionTimestamp?: string };
  status?: {
    observedGeneration?: number;
    conditions?: readonly { type: string; status: string }[];
  };
}

/**
 * The published rules for kinds that kstatus does not know by name: a deletion, then a generation that
 * was not looked at, then Reconciling and Stalled, then Ready where there is one.
 *
 * https://github.com/kubernetes-sigs/cli-utils/blob/master/pkg/kstatus/README.md
 */
export function kstatusOf({ metadata, status }: Observed): Kstatus {
  if (metadata.deletionTimestamp !== undefined) return "Terminating";
  const observed = status?.observedGeneration;
  if (observed !== undefined && observed !== metadata.generation) return "InProgress";
  const valueOf = (wanted: string) =>
    status?.conditions?.find(({ type }) => type === wanted)?.status;
  if (valueOf("Reconciling") === "True") return "InProgress";
  if (valueOf("Stalled") === "True") return "Failed";
  const ready = valueOf("Ready");
  return ready === "False" || ready === "Unknown" ? "InProgress" : "Current";
}
