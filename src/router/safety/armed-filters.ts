import { isRemote, type AnyFilter } from "../../safety/index.ts";
import type { FilterEntry, RouteEntry, TenantEntry } from "../../table/index.ts";

/** A filter in its place: whose it is, and what it does with what it finds. */
export interface ArmedFilter {
  entry: FilterEntry;
  owner: "tenant" | "route";
  /** The entry's, but for a tenant whose policy is only watched. */
  action: FilterEntry["action"];
  filter: AnyFilter;
}

/** What the texts of one tenant's requests to one route must pass, in this order. */
export interface ArmedFilters {
  input: readonly ArmedFilter[];
  output: readonly ArmedFilter[];
}

/**
 * The tenant's filters come first and the route's behind them, those of one name too: a route can add
 * to what a tenant demands, and take nothing from it.
 */
export function armFilters(
  route: RouteEntry,
  tenant: TenantEntry | null,
  filterOf: (entry: FilterEntry) => AnyFilter,
): ArmedFilters {
  const watched = tenant?.enforcement === "Observe";
  const all: ArmedFilter[] = [
    ...(tenant?.safety ?? []).map((entry) => ({
      entry,
      owner: "tenant" as const,
      action: watched ? ("Observe" as const) : entry.action,
      filter: reachable(entry, tenant) ? filterOf(entry) : elsewhere(entry),
    })),
    ...(route.safety ?? []).map((entry) => ({
      entry,
      owner: "route" as const,
      action: entry.action,
      filter: reachable(entry, tenant) ? filterOf(entry) : elsewhere(entry),
    })),
  ];
  return {
    input: all.filter(({ entry }) => entry.stage !== "Output"),
    output: all.filter(({ entry }) => entry.stage !== "Input"),
  };
}

/** Whether the filter can stop or change what it is shown of a stream. */
export function holdsBack({ action, entry }: ArmedFilter): boolean {
  return action !== "Observe" && entry.streaming !== "Async";
}

/** Whether a stretch of a text is enough for the filter to tell what begins there. */
export function hasWindow({ filter }: ArmedFilter): boolean {
  return !isRemote(filter) && filter.window !== undefined;
}

/** Whether a filter may be told the tenant's texts: a guardrail processes them in its own region. */
function reachable(entry: FilterEntry, tenant: TenantEntry | null): boolean {
  const regions = tenant?.residencyRegions ?? null;
  if (entry.type !== "BedrockGuardrail" || regions === null) return true;
  return regions.includes(entry.bedrockGuardrail.region);
}

/** Fails, and acts as a filter that failed: it is neither asked nor left out. */
const elsewhere = ({ name }: FilterEntry): AnyFilter => ({
  name,
  window: 0,
  inspect: () => {
    throw new Error("The guardrail is outside of the tenant's regions");
  },
});
