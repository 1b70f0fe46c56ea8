/** What a page is asked for, as its address says it. */
export interface Wish {
  scope: "pod" | "group";
  filter: RequestFilter;
  /** The id of the request to explain; null: none. */
  request: string | null;
  /** Whether all of the last requests are listed, and not the newest alone. */
  all: boolean;
}

/** Empty texts filter nothing. */
export interface RequestFilter {
  route: string;
  tenant: string;
  outcome: OutcomeFilter;
  /** Within the ids of request, trace and AWS. */
  id: string;
}

/** `unplanned`: whatever went other than a plain answer by the first candidate. */
export const outcomeFilters = [
  "any",
  "unplanned",
  "answered",
  "fallback",
  "failed",
  "limited",
  "refused",
  "aborted",
] as const;

export type OutcomeFilter = (typeof outcomeFilters)[number];

const longest = 256;

/** Reads a query, whatever it holds: what is unknown in it filters nothing. */
export function wishOf(query: unknown): Wish {
  const given = new Map(Object.entries(query ?? {}));
  const text = (name: string): string => {
    const value: unknown = given.get(name);
    return typeof value === "string" ? value.trim().slice(0, longest) : "";
  };
  return {
    scope: text("scope") === "group" ? "group" : "pod",
    filter: {
      route: text("route"),
      tenant: text("tenant"),
      outcome: outcomeFilters.find((each) => each === text("outcome")) ?? "any",
      id: text("id"),
    },
    request: text("request") === "" ? null : text("request"),
    all: text("all") === "yes",
  };
}

/** The address of a page, with changes to what this one was asked for. */
export function addressOf(
  wish: Wish,
  changes: Partial<Omit<Wish, "filter">> & { filter?: Partial<RequestFilter> } = {},
  anchor = "",
): string {
  const { scope, request, all } = { ...wish, ...changes };
  const { route, tenant, outcome, id } = { ...wish.filter, ...changes.filter };
  const parameters = [
    ["scope", scope === "pod" ? "" : scope],
    ["route", route],
    ["tenant", tenant],
    ["outcome", outcome === "any" ? "" : outcome],
    ["id", id],
    ["request", request ?? ""],
    ["all", all ? "yes" : ""],
  ].filter(([, value]) => value !== "") as [string, string][];
  const query = new URLSearchParams(parameters).toString();
  return `/console${query === "" ? "" : `?${query}`}${anchor}`;
}
