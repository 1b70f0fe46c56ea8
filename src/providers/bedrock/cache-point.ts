import type { CachePointBlock } from "@aws-sdk/client-bedrock-runtime";
import type { CacheControl } from "../../openai/index.ts";
import type { Translation } from "./translation.ts";

/** What Bedrock takes in one request. */
const mostCachePoints = 4;

const none: ReadonlySet<object> = new Set();

/** The block that follows one marked with `cache_control`; none where the model has no such cache. */
export function cachePoint(
  mark: CacheControl | null | undefined,
  { family, supports }: Translation,
): { cachePoint: CachePointBlock }[] {
  if (mark === null || mark === undefined || !supports("PromptCaching")) return [];
  // Only Claude keeps a prefix for an hour.
  const ttl = mark.ttl === "1h" && family === "claude" ? { ttl: mark.ttl } : {};
  return [{ cachePoint: { type: "default", ...ttl } }];
}

/**
 * The earliest cache points beyond those that Bedrock takes, which are to be left out: the later
 * ones cover longer prefixes.
 *
 * @param lists in the order in which the prefix is made: tools, system, then message by message
 */
export function surplusCachePoints(lists: readonly (readonly object[])[]): ReadonlySet<object> {
  const points = lists.flat().filter((block) => "cachePoint" in block);
  if (points.length <= mostCachePoints) return none;
  return new Set(points.slice(0, points.length - mostCachePoints));
}
