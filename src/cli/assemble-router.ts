import { hostname } from "node:os";
import { systemClock } from "../lib/index.ts";
import { makeBedrock, makeSageMaker, type ReachBackend } from "../providers/index.ts";
import type { RecordSink } from "../records/index.ts";
import { TableHolder, type RouterParts, type RouterSettings } from "../router/index.ts";
import { LatencyBook } from "../routing/index.ts";
import { makeTelemetry, type Log } from "../telemetry/index.ts";
import type { Group } from "./folder-tables.ts";
import { version } from "./version.ts";

interface Choices {
  settings: RouterSettings;
  group: Group;
  reach: ReachBackend;
  records: RecordSink;
  maxTenants: number;
  log: Log;
}

/** Puts a router together from its real parts. */
export async function assembleRouter(choices: Choices): Promise<RouterParts> {
  const { settings, group, reach, records, log } = choices;
  const telemetry = await makeTelemetry({
    serviceName: "switchyard-router",
    serviceVersion: version,
    instance: hostname(),
    ...group,
    maxTenants: choices.maxTenants,
    log,
  });
  telemetry.watchDroppedRecords(() => records.dropped());
  const book = new LatencyBook(systemClock);
  return {
    settings,
    tables: new TableHolder(systemClock, telemetry, ({ table }) => book.retain(table)),
    providers: { Bedrock: makeBedrock({ reach }), SageMaker: makeSageMaker({ reach }) },
    book,
    telemetry,
    records,
    clock: systemClock,
    random: Math.random,
    onFault: (error, requestId) =>
      log.error("Serving a request failed", { request_id: requestId, error }),
  };
}
