import type { ModelBackendSpec } from "../api/index.ts";
import { durationMs } from "../lib/index.ts";
import type {
  BackendEntry,
  BedrockTarget,
  Credentials,
  Prices,
  SageMakerTarget,
  TokenPrices,
} from "../table/index.ts";
import { externalIdOf } from "./external-id.ts";
import { scaledUsd } from "./money.ts";
import { processingRegions } from "./processing-regions.ts";

/**
 * A backend's spec in the table's terms: money in whole units, durations in milliseconds, lists sorted.
 *
 * @throws RangeError where a price cannot be counted exactly; see `pricesAreCountable`
 */
export function backendEntry(
  name: string,
  namespace: string,
  spec: ModelBackendSpec,
): BackendEntry {
  const { timeouts, expectations, outlier } = spec;
  return {
    name,
    target: targetOf(spec),
    credentials: credentialsOf(spec.credentials, namespace),
    prices: pricesOf(spec),
    // Only embeddings models have no tier, and nothing ranks those by it.
    tier: spec.quality?.tier ?? "Small",
    expectations: {
      firstTokenP95Ms: durationMs(expectations.firstTokenP95),
      tokensPerSecond: expectations.tokensPerSecond,
    },
    capabilities: spec.capabilities.toSorted(),
    contextWindow: spec.contextWindow,
    maxOutputTokens: spec.maxOutputTokens ?? spec.contextWindow,
    ...(spec.embedding === undefined ? {} : { embeddingDimensions: spec.embedding.dimensions }),
    dataClasses: spec.dataClasses.toSorted(),
    processingRegions: processingRegions(spec),
    timeouts: {
      connectMs: durationMs(timeouts.connect),
      firstTokenMs: durationMs(timeouts.firstToken),
      idleMs: durationMs(timeouts.idle),
      totalMs: durationMs(timeouts.total),
    },
    outlier: {
      consecutiveFailures: outlier.consecutiveFailures,
      errorPercent: outlier.errorPercent,
      slowPercent: outlier.slowPercent,
      ejectForMs: durationMs(outlier.ejectFor),
    },
    ...(spec.concurrency === undefined ? {} : { concurrency: spec.concurrency }),
  };
}

function targetOf({ bedrock, sagemaker }: ModelBackendSpec): BedrockTarget | SageMakerTarget {
  if (bedrock !== undefined) {
    const { processingRegions: _, ...target } = bedrock;
    return { type: "Bedrock", ...target };
  }
  if (sagemaker === undefined)
    throw new RangeError("A backend's spec has neither bedrock nor sagemaker");
  return { type: "SageMaker", ...sagemaker };
}

/** As whom AWS is called for a namespace; undeclared ones are the router's own. */
export function credentialsOf(
  credentials: Partial<ModelBackendSpec["credentials"]> | undefined,
  namespace: string,
): Credentials {
  if (credentials?.assumeRole === undefined) return { type: "Ambient" };
  return {
    type: "AssumeRole",
    roleArn: credentials.assumeRole.roleArn,
    externalId: externalIdOf(namespace),
  };
}

function pricesOf({ pricing }: ModelBackendSpec): Prices {
  const { longContext, guardrailPerUnit, instanceHourly } = pricing;
  const tokens = tokenPrices(pricing);
  const long = longContext === undefined ? undefined : tokenPrices(longContext);
  return {
    ...(tokens === undefined ? {} : { tokens }),
    ...(longContext === undefined || long === undefined
      ? {}
      : { longContext: { overTokens: longContext.overTokens, tokens: long } }),
    ...(guardrailPerUnit === undefined ? {} : { guardrailUnit: scaledUsd(guardrailPerUnit, 12) }),
    ...(instanceHourly === undefined ? {} : { instanceHour: scaledUsd(instanceHourly, 6) }),
  };
}

interface PricesPerMTok {
  inputPerMTok?: string;
  outputPerMTok?: string;
  cacheReadPerMTok?: string;
  cacheWrite5mPerMTok?: string;
  cacheWrite1hPerMTok?: string;
}

/** USD per million tokens are, scaled by a million, pico-USD a token. */
const perToken = (usd: string): number => scaledUsd(usd, 6);

function tokenPrices(prices: PricesPerMTok): TokenPrices | undefined {
  const {
    inputPerMTok,
    outputPerMTok,
    cacheReadPerMTok,
    cacheWrite5mPerMTok,
    cacheWrite1hPerMTok,
  } = prices;
  if (inputPerMTok === undefined || outputPerMTok === undefined) return undefined;
  return {
    input: perToken(inputPerMTok),
    output: perToken(outputPerMTok),
    ...(cacheReadPerMTok === undefined ? {} : { cacheRead: perToken(cacheReadPerMTok) }),
    ...(cacheWrite5mPerMTok === undefined ? {} : { cacheWrite5m: perToken(cacheWrite5mPerMTok) }),
    ...(cacheWrite1hPerMTok === undefined ? {} : { cacheWrite1h: perToken(cacheWrite1hPerMTok) }),
  };
}
