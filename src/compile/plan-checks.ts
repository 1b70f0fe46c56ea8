import {
  backendMark,
  certificateLifeMs,
  planDigest,
  pricesDigest,
  type BackendEntry,
  type Certificate,
  type Plan,
  type PlanEvidence,
  type RouteEntry,
} from "../table/index.ts";
import { listed } from "./judgement.ts";
import { onceEach } from "./once-each.ts";

const day = 86_400_000;

interface PlanCheck {
  plan: Plan;
  route: RouteEntry;
  backends: ReadonlyMap<string, BackendEntry>;
  /** What the plan job looked at; absent: the plan is of another hand. */
  evidence: PlanEvidence | undefined;
}

/** What keeps a plan from being followed; each says why, as the rest of a sentence. */
const checks: readonly ((check: PlanCheck) => string | undefined)[] = [
  digestIsItsOwn,
  candidatesAreThere,
  classifierIsTheRoutes,
  baselineIsTheRoutes,
  floorIsHighEnough,
  lifeIsBounded,
  pricesAreTheSame,
  modelsAreTheSame,
];

/** Why a plan is not to be followed; undefined where it is. Whether its certificate is still fresh is the router's to see. */
export function refusalOf(check: PlanCheck): string | undefined {
  for (const each of checks) {
    const why = each(check);
    if (why !== undefined) return why;
  }
  return undefined;
}

const isUnchanged = onceEach((plan: Plan) => planDigest(plan) === plan.digest);

function digestIsItsOwn({ plan }: PlanCheck): string | undefined {
  return isUnchanged(plan) ? undefined : "its digest is not that of its content";
}

function candidatesAreThere({ plan, route }: PlanCheck): string | undefined {
  const gone = plan.candidates
    .map(({ backend }) => backend)
    .filter((name) => !route.candidates.some(({ backend }) => backend === name));
  if (gone.length === 0) return undefined;
  return `it may choose ${listed(gone)}, which the route cannot call`;
}

function classifierIsTheRoutes({ plan, route }: PlanCheck): string | undefined {
  if (route.classifier === undefined || route.classifier === plan.model) return undefined;
  return "it was made with another classifier than the route's";
}

function baselineIsTheRoutes({ plan: { certificate }, route }: PlanCheck): string | undefined {
  if (certificate === null) return undefined;
  const { baseline } = certificate;
  if (baseline !== route.baseline)
    return `it was certified against ${baseline}, and the route's baseline is ${route.baseline}`;
  const isThere = route.candidates.some(({ backend }) => backend === baseline);
  return isThere ? undefined : `its baseline ${baseline} cannot be called`;
}

function floorIsHighEnough({ plan: { certificate }, route }: PlanCheck): string | undefined {
  const { floorPercent } = route.quality;
  if (certificate === null || certificate.floorPercent >= floorPercent) return undefined;
  return `it was certified for ${certificate.floorPercent} % of the baseline's correctness, and the route wants ${floorPercent} %`;
}

/** What was measured once says less and less of what is asked now: whoever signs a plan cannot make it hold for ever. */
function lifeIsBounded({ plan: { certificate } }: PlanCheck): string | undefined {
  if (certificate === null) return undefined;
  const life = certificate.expiresAt - certificate.issuedAt;
  if (life <= certificateLifeMs) return undefined;
  return `its certificate is for ${Math.ceil(life / day)} days, and ${certificateLifeMs / day} are the most`;
}

function pricesAreTheSame({ plan, backends }: PlanCheck): string | undefined {
  if (plan.certificate === null) return undefined;
  const entries = plan.candidates.flatMap(({ backend }) => backends.get(backend) ?? []);
  if (havePrices(plan.certificate, entries)) return undefined;
  return "the prices of its candidates have changed since it was certified";
}

/** The job finds it out as well, but a request must not go by what was measured of another model until it runs. */
function modelsAreTheSame({ plan, backends, evidence }: PlanCheck): string | undefined {
  const marks = new Map(Object.entries(evidence?.backends ?? {}));
  const changed = plan.candidates
    .map(({ backend }) => backend)
    .filter((name) => {
      const [entry, mark] = [backends.get(name), marks.get(name)];
      return entry !== undefined && mark !== undefined && backendMark(entry) !== mark;
    });
  if (changed.length === 0) return undefined;
  return `the model, tier, price or ability of ${listed(changed)} has changed since it was measured`;
}

/** The entries that a certificate was last held against, and whether they had its prices. */
const judged = new WeakMap<Certificate, { entries: readonly BackendEntry[]; same: boolean }>();

/** Thousands of plans are looked at for each edit, and hardly ever has a backend become another. */
function havePrices(certificate: Certificate, entries: readonly BackendEntry[]): boolean {
  const before = judged.get(certificate);
  const isKnown =
    before !== undefined &&
    before.entries.length === entries.length &&
    before.entries.every((entry, index) => entry === entries[index]);
  if (isKnown) return before.same;
  const same = pricesDigest(entries) === certificate.prices;
  judged.set(certificate, { entries, same });
  return same;
}
