import { ignoredPlans, type Snapshot } from "../router/index.ts";
import type { Log } from "../telemetry/index.ts";

/** Warns of a table's plans that no request follows. Called once a table, so that it is said once. */
export function tellIgnoredPlans(
  snapshot: Pick<Snapshot, "digest" | "table" | "classifiers">,
  log: Pick<Log, "warn">,
): void {
  const names = ignoredPlans(snapshot);
  const [first] = names;
  if (first === undefined) return;
  log.warn("Ignoring plans that were made with another classifier", {
    digest: snapshot.digest,
    count: names.length,
    name: first,
  });
}
