import { err, ok, type Result } from "../lib/index.ts";
import type { RouteEntry } from "../table/index.ts";
import type { Identification, Identity } from "./identify.ts";
import { modelNotFound, type Refusal } from "./refusal.ts";
import { mayUseRoute, type RouteIndex } from "./route-index.ts";

export interface Admission {
  route: RouteEntry;
  /** Whose limits hold. */
  identity: Identity;
}

const anonymous: Identity = { tenant: null };

/**
 * Decides whether the caller may use the route behind a model's name.
 *
 * A tenant gets its own routes and the Anonymous ones; for it, what it may not use does not exist.
 * A caller without a valid key or token gets the Anonymous ones as nobody in particular. What else it asks
 * for wants one; only a group that is open to anyone also says which names it does not have.
 */
export function admit(
  identification: Identification,
  routes: RouteIndex,
  model: string,
): Result<Admission, Refusal> {
  const route = routes.byModel.get(model);
  if (!identification.ok) return admitWithoutKey(identification.error, routes, { route, model });
  const { tenant, keyId, subjectType } = identification.value;
  const permitted =
    route !== undefined &&
    (tenant === null ? route.access === "Anonymous" : mayUseRoute(tenant, route));
  if (permitted) return ok({ route, identity: identification.value });
  const shown: Pick<Refusal, "tenant" | "keyId" | "subjectType"> = {};
  if (tenant !== null) shown.tenant = tenant.name;
  if (keyId !== undefined) shown.keyId = keyId;
  if (subjectType !== undefined) shown.subjectType = subjectType;
  return err({ ...modelNotFound(model), ...shown });
}

function admitWithoutKey(
  refusal: Refusal,
  routes: RouteIndex,
  asked: { route: RouteEntry | undefined; model: string },
): Result<Admission, Refusal> {
  const { route, model } = asked;
  if (isFinal(refusal)) return err(refusal);
  if (route?.access === "Anonymous") return ok({ route, identity: anonymous });
  const open = route === undefined && routes.anonymous.length > 0;
  return err(open ? modelNotFound(model) : refusal);
}

/**
 * A tenant that is known and closed, or one that may be: the way round as nobody in particular is closed
 * to it too.
 */
function isFinal({ code }: Refusal): boolean {
  return code === "tenant_denied" || code === "identity_unavailable";
}

/** The routes that `/v1/models` lists for the caller, by name. */
export function visibleRoutes(
  identification: Identification,
  routes: RouteIndex,
): Result<readonly RouteEntry[], Refusal> {
  if (!identification.ok) {
    const closed = isFinal(identification.error) || routes.anonymous.length === 0;
    return closed ? err(identification.error) : ok(routes.anonymous);
  }
  const { tenant } = identification.value;
  return ok(
    tenant === null ? routes.anonymous : routes.all.filter((route) => mayUseRoute(tenant, route)),
  );
}
