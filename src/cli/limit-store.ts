import { systemClock } from "../lib/index.ts";
import {
  MemoryLimitStore,
  RedisLimitStore,
  TenantLimits,
  type RedisSettings,
} from "../tenancy/index.ts";
import type { LimitsReading, Log, Telemetry } from "../telemetry/index.ts";
import { authorityIn } from "./authority-file.ts";
import type { Environment } from "./environment.ts";
import { UsageError } from "./usage-error.ts";

const usualPort = 6379;

/**
 * Where tenants' limits are counted: null for the router's own memory.
 *
 * @throws UsageError naming the variable at fault
 */
export function redisSettings(environment: Environment): RedisSettings | null {
  const { SWITCHYARD_REDIS_URL: text } = environment;
  if (text === undefined) return null;
  const urls = text.split(",").map((part) => readUrl(part.trim()));
  const cluster = environment.SWITCHYARD_REDIS_CLUSTER;
  if (urls.length > 1 && !cluster) {
    throw new UsageError(
      "SWITCHYARD_REDIS_URL: write one address, or set SWITCHYARD_REDIS_CLUSTER to true for several nodes of a cluster",
    );
  }
  const database = Number(urls[0]?.pathname.slice(1) ?? 0);
  const { SWITCHYARD_REDIS_USERNAME: username, SWITCHYARD_REDIS_PASSWORD: password } = environment;
  return {
    addresses: urls.map(({ hostname, port }) => ({
      host: hostname.replace(/^\[(.*)\]$/, "$1"),
      port: port === "" ? usualPort : Number(port),
    })),
    cluster,
    tls: urls.some(({ protocol }) => protocol === "rediss:") ? authorities(environment) : null,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    database,
    keyPrefix: environment.SWITCHYARD_REDIS_KEY_PREFIX,
    timeoutMs: environment.SWITCHYARD_REDIS_TIMEOUT_MS,
  };
}

/** Credentials have variables of their own, which are not printed with an address. */
function readUrl(text: string): URL {
  const url = URL.parse(text);
  const isSound =
    url !== null &&
    (url.protocol === "redis:" || url.protocol === "rediss:") &&
    url.hostname !== "" &&
    url.username + url.password + url.search + url.hash === "" &&
    /^(\/[0-9]{0,3})?$/.test(url.pathname);
  if (isSound) return url;
  throw new UsageError(
    "SWITCHYARD_REDIS_URL: write redis://HOST:PORT or rediss://HOST:PORT, with /NUMBER for a database and without credentials (SWITCHYARD_REDIS_USERNAME, SWITCHYARD_REDIS_PASSWORD)",
  );
}

function authorities(environment: Environment): { ca?: string } {
  const ca = authorityIn(environment, "SWITCHYARD_REDIS_CA_FILE");
  return ca === undefined ? {} : { ca };
}

/** Limits that are counted, and how things stand with them. */
export interface OpenLimits {
  limits: TenantLimits;
  reading: () => LimitsReading;
}

/** Begins to count, and has metrics and the log tell of it. */
export async function openLimits(
  redis: RedisSettings | null,
  telemetry: Telemetry,
  log: Log,
): Promise<OpenLimits> {
  if (redis === null) {
    const limits = new TenantLimits(new MemoryLimitStore(systemClock), systemClock);
    return told(limits, () => ({ ...limits.reading(), store: null }), telemetry);
  }
  const store = await RedisLimitStore.open(redis, systemClock, {
    called: (operation, ms, failed) => telemetry.storeCalled(operation, ms / 1_000, failed),
    away: (isAway, reason) => {
      if (isAway) log.error("Counting no limits: their store is away", { reason });
      else log.info("Counting limits again: their store is back");
    },
    refused: (tenant, reason) =>
      log.error("Counting no limits of a tenant: the store refuses what is asked of its keys", {
        tenant,
        reason,
      }),
    lost: (reason) => telemetry.settlementLost(reason),
  });
  const limits = new TenantLimits(store, systemClock);
  return told(limits, () => ({ ...limits.reading(), store: store.reading() }), telemetry);
}

function told(
  limits: TenantLimits,
  reading: () => LimitsReading,
  telemetry: Telemetry,
): OpenLimits {
  telemetry.watchLimits(reading);
  return { limits, reading };
}
