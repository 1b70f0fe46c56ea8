import { systemClock } from "../lib/index.ts";
import { Callers, keyFetcher, type ReadCluster, type TellFetch } from "../tenancy/index.ts";
import type { Log, Telemetry } from "../telemetry/index.ts";

interface Choices {
  telemetry: Telemetry;
  log: Log;
  readCluster: ReadCluster | undefined;
}

/** What tells who calls, with real fetches of the issuers' keys. */
export function makeCallers({ telemetry, log, readCluster }: Choices): Callers {
  const { fetch, close } = keyFetcher(readCluster);
  return new Callers({
    clock: systemClock,
    fetchKeys: fetch,
    onFetch: tellFetches(telemetry, log),
    close,
  });
}

/** Every fetch is counted; the log has the turns alone. */
function tellFetches(telemetry: Telemetry, log: Log): TellFetch {
  const failing = new Set<string>();
  return ({ issuer = "the cluster", keys }, problem) => {
    telemetry.issuerKeysFetched(problem === undefined ? "success" : "error");
    const place = `${issuer} ${keys.type === "Jwks" ? keys.uri : keys.type}`;
    if (problem === undefined) {
      if (failing.delete(place)) log.info("Fetching an issuer's keys again", { issuer });
      return;
    }
    if (!failing.has(place))
      log.warn("Fetching an issuer's keys failed", { issuer, error: problem });
    failing.add(place);
  };
}
