import type { SeriesKey } from "../series.ts";
import type { Sample } from "./prometheus-answer.ts";
import { label } from "./prometheus-queries.ts";

/** Under this name routers count the tenants that they have no labels left for. */
const furtherTenants = "other";

/** As of a resource: nobody else's series has a place in a report. */
const isName = (text: string | undefined): text is string =>
  text !== undefined && text.length > 0 && text.length <= 253;

/** Null of series that no route or backend is named on: those past a router's bound on series. */
export function keyOf({ labels }: Pick<Sample, "labels">): SeriesKey | null {
  const route = labels[label.route];
  const backend = labels[label.backend];
  if (!isName(route) || !isName(backend)) return null;
  const tenant = labels[label.tenant];
  return {
    route,
    backend,
    tenant: !isName(tenant) || tenant === furtherTenants ? null : tenant,
  };
}
