import type { Hint, Severity } from "../console-view.ts";
import { ejectedBackends, failingBackends, fullBackends, slowBackends } from "./backend-hints.ts";
import { driftedRoutes, unwatchedDrift } from "./drift-hints.ts";
import {
  failingRoutes,
  fallingBack,
  limitedRoutes,
  missedEnvelopes,
  pinnedRoutes,
  routesDown,
  uncertifiedRoutes,
  unroutedRequests,
} from "./route-hints.ts";
import type { Look, Situation } from "./situation.ts";
import { budgetsSpent, dearerThanBaseline } from "./spend-hints.ts";
import {
  limitsStoreAway,
  lostRecords,
  noTable,
  plansIgnored,
  sourceProblems,
  staleTable,
} from "./table-hints.ts";

/** What is looked for. Within a severity hints stand in this order: what is nearest to clients comes first. */
const looks: readonly Look[] = [
  noTable,
  routesDown,
  failingRoutes,
  budgetsSpent,
  limitsStoreAway,
  ejectedBackends,
  failingBackends,
  slowBackends,
  fallingBack,
  fullBackends,
  limitedRoutes,
  missedEnvelopes,
  staleTable,
  sourceProblems,
  plansIgnored,
  pinnedRoutes,
  driftedRoutes,
  lostRecords,
  uncertifiedRoutes,
  dearerThanBaseline,
  unroutedRequests,
  unwatchedDrift,
];

const order: readonly Severity[] = ["urgent", "warning", "notice"];

/** More than this nobody reads in an incident. */
const mostHints = 50;

/** What is wrong now, the worst first. */
export function hintsOf(situation: Situation): Hint[] {
  return looks
    .flatMap((look) => look(situation))
    .toSorted((left, right) => order.indexOf(left.severity) - order.indexOf(right.severity))
    .slice(0, mostHints);
}
