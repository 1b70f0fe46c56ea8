import { inSlices, type Steps } from "../../lib/index.ts";
import { makeFilter, type AnyFilter, type RemoteFilter } from "../../safety/index.ts";
import type {
  FilterEntry,
  FilterSettings,
  GuardrailFilterSettings,
  RouteEntry,
  RoutingTable,
  TenantEntry,
} from "../../table/index.ts";
import { armFilters, type ArmedFilters } from "./armed-filters.ts";

/** Makes the filter that asks a guardrail; the composition root knows how one is reached. */
export type MakeGuardrailFilter = (settings: GuardrailFilterSettings) => RemoteFilter;

interface Options {
  makeGuardrail?: MakeGuardrailFilter | undefined;
  /** Frees what the guardrails' filters hold; calls under way fail. */
  close?: () => Promise<void>;
}

/** As a table is loaded. */
const sliceMs = 0.3;

/** Stands for a caller without a tenant. */
const nobody = {};

/**
 * Makes each filter once, whatever the number of routes and tenants that have it and of the tables that
 * come and go. Making the filters of a large table takes longer than requests may wait: they are made
 * in slices of time, and those that a request needs before their turn at once.
 */
export class FilterShelf {
  readonly #makeGuardrail: MakeGuardrailFilter | undefined;
  readonly close: () => Promise<void>;
  /** By what they look for. */
  #made = new Map<string, AnyFilter>();
  readonly #armed = new WeakMap<RouteEntry, WeakMap<object, ArmedFilters>>();
  #round = 0;

  constructor({ makeGuardrail, close = async () => undefined }: Options = {}) {
    this.#makeGuardrail = makeGuardrail;
    this.close = close;
  }

  /** What a tenant's texts must pass on a route; undefined where that is nothing. */
  armed(route: RouteEntry, tenant: TenantEntry | null): ArmedFilters | undefined {
    if (route.safety === undefined && tenant?.safety === undefined) return undefined;
    const ofRoute = this.#armed.get(route) ?? new WeakMap<object, ArmedFilters>();
    this.#armed.set(route, ofRoute);
    const caller = tenant ?? nobody;
    const armed = ofRoute.get(caller) ?? armFilters(route, tenant, (entry) => this.#of(entry));
    ofRoute.set(caller, armed);
    return armed;
  }

  /** Makes the filters that are new to the table, in slices of time, and forgets those that it has not. */
  adopt(table: Pick<RoutingTable, "routes" | "tenants">): void {
    this.#round += 1;
    void inSlices(this.#adoptInSteps(table, this.#round), sliceMs);
  }

  /** How many filters there are. */
  get size(): number {
    return this.#made.size;
  }

  /** @param round the table's: one that another has followed is left */
  *#adoptInSteps(
    { routes, tenants }: Pick<RoutingTable, "routes" | "tenants">,
    round: number,
  ): Steps<void> {
    const wanted = new Set<string>();
    for (const { safety = [] } of [...Object.values(routes), ...Object.values(tenants)]) {
      for (const entry of safety) {
        if (round !== this.#round) return;
        wanted.add(contentOf(entry));
        this.#of(entry);
        yield;
      }
      yield;
    }
    if (round !== this.#round) return;
    for (const key of this.#made.keys()) if (!wanted.has(key)) this.#made.delete(key);
  }

  #of(entry: FilterEntry): AnyFilter {
    const key = contentOf(entry);
    const filter = this.#made.get(key) ?? this.#make(entry);
    this.#made.set(key, filter);
    return filter;
  }

  #make(settings: FilterSettings): AnyFilter {
    try {
      if (settings.type === "BedrockGuardrail")
        return this.#makeGuardrail?.(settings) ?? unusable("No guardrail can be asked here");
      const made = makeFilter(settings);
      return made.ok ? made.value : unusable(made.error);
    } catch (error) {
      return unusable(error instanceof Error ? error.message : String(error));
    }
  }
}

/** Compile lets none through that cannot be made: one of another release may be. It fails, and acts as such. */
function unusable(why: string): AnyFilter {
  return {
    name: "unusable",
    window: 0,
    inspect: () => {
      throw new Error(why);
    },
  };
}

function contentOf({
  name: _name,
  stage: _stage,
  action: _action,
  reversible: _reversible,
  streaming: _streaming,
  onFailure: _onFailure,
  ...looks
}: FilterEntry): string {
  return JSON.stringify(looks);
}
