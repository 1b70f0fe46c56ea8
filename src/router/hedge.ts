import { hedgeDelayMs } from "../routing/index.ts";
import {
  beginAttempt,
  boundOf,
  closeAttempt,
  prospectOf,
  type Answered,
  type Timed,
  type UnderWay,
} from "./make-attempt.ts";
import { fallbacksFor, hedgeStep, type Situation, type Step } from "./next-step.ts";
import { reserveAttempt } from "./limit-stage.ts";
import type { RouterParts } from "./parts.ts";
import type { BackendEntry } from "../table/index.ts";
import { isRefusal, standAsAnswer, standAsRefused } from "./refusal.ts";
import type { RoutedRequest } from "./route-stage.ts";
import { situationOf } from "./situation.ts";
import { Superseded } from "./superseded.ts";

/**
 * Makes an attempt, and where it gives nothing for unusually long a second one at the next candidate.
 * The first answer is taken, and the other attempt cancelled; where one fails the other goes on. A
 * refusal is kept for as long as the other may have an answer, and is taken where that fails.
 *
 * @returns undefined where no attempt is left under way and none has answered
 * @throws ClientGone, with both attempts ended
 */
export async function attemptWithHedge(
  step: Step,
  situation: Situation,
  timed: Timed,
  parts: RouterParts,
): Promise<Answered | undefined> {
  const { routed } = timed;
  const first = beginAttempt(step, situation, timed, parts);
  const percentile = situation.fallback.hedge?.afterPercentile ?? 100;
  const delayMs = hedgeDelayMs(prospectOf(step.backend, routed, parts), percentile, parts.book);
  if (!(await outlasts(first, delayMs))) return first.answered;
  const now = situationOf(routed, parts);
  // One that had to wait would take its place in the queue from a request that has no other.
  const free = now.chain.filter(
    (backend) => parts.places.isFree(backend) && keepsFloor(backend, step.backend, routed),
  );
  const second = hedgeStep({ ...now, chain: free });
  if (second === undefined || !(await mayReserve(second, first, routed, parts))) {
    return first.answered;
  }
  if (!parts.budgets.takeHedge(routed.route)) {
    routed.denied = "hedge";
    return first.answered;
  }
  return race(first, beginAttempt(second, now, timed, parts), timed, parts);
}

/**
 * Of a route that certifies its quality a hedge is judged no worse than the first: the quicker answer would mostly be
 * the cheaper model's, of which nothing vouches that it keeps the floor.
 */
function keepsFloor(
  { name }: BackendEntry,
  first: BackendEntry,
  { route, choice: { chain } }: RoutedRequest,
): boolean {
  const { selection, quality, baseline } = route;
  if (selection !== "CheapestWithinEnvelope" || quality.assurance !== "Certified") return true;
  if (name === baseline) return true;
  const judged = new Map(chain.map(({ backend, p }) => [backend.name, p]));
  return (judged.get(name) ?? 0) >= (judged.get(first.name) ?? 1);
}

/** Whether the tenant's limits have room for the hedge, and the first one has nothing by the time that is known. */
async function mayReserve(
  step: Step,
  { attempt }: UnderWay,
  routed: RoutedRequest,
  parts: RouterParts,
): Promise<boolean> {
  const mayBegin = reserveAttempt(step, routed, parts);
  if (!(mayBegin instanceof Promise)) return mayBegin;
  return (await mayBegin) && attempt.endedAt === null && attempt.firstTokenMs === null;
}

async function outlasts({ answered }: UnderWay, ms: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(resolve, ms, true);
  try {
    return await Promise.race([answered.then(() => false), promise]);
  } finally {
    clearTimeout(timer);
  }
}

async function race(
  first: UnderWay,
  hedge: UnderWay,
  timed: Timed,
  parts: RouterParts,
): Promise<Answered | undefined> {
  const { routed } = timed;
  try {
    const [quicker, slower] = await Promise.race([
      first.answered.then(() => [first, hedge] as const),
      hedge.answered.then(() => [hedge, first] as const),
    ]);
    const answered = await quicker.answered;
    if (answered !== undefined && !isVoid(answered, routed)) {
      await end(slower, routed, parts);
      return answered;
    }
    // Its upstream has come to its end, so nothing is left that could run out while it is kept.
    if (answered !== undefined) standAsRefused(answered, routed, parts);
    if (quicker === hedge) standAlone(first, timed, parts);
    else if (!mayStandIn(hedge, first, routed)) {
      await end(hedge, routed, parts);
      return undefined;
    }
    const other = await slower.answered;
    if (other !== undefined || answered === undefined) return other;
    return mayStandIn(hedge, first, routed) ? standAsAnswer(answered) : undefined;
  } catch (error) {
    await Promise.all([end(first, routed, parts), end(hedge, routed, parts)]);
    throw error;
  }
}

/** A refusal has no content that could win at once: of the hedge never, of the first where refusals fall back. */
function isVoid({ answer, attempt }: Answered, { route }: RoutedRequest): boolean {
  if (!isRefusal(answer)) return false;
  return attempt.kind === "hedge" || route.fallback.when.includes("ProviderRefused");
}

/** Whether the hedge is what the first one's failure would have led to. */
function mayStandIn(hedge: UnderWay, { attempt }: UnderWay, { route, choice }: RoutedRequest) {
  const chain = choice.chain.map((link) => link.backend);
  const situation = { chain, attempts: [attempt], fallback: route.fallback };
  return fallbacksFor(attempt.error?.fallback ?? null, situation).includes(hedge.attempt.backend);
}

/** The hedge has failed: where it was the last candidate the first one gets the last one's time. */
function standAlone({ attempt, scope }: UnderWay, timed: Timed, parts: RouterParts): void {
  if (scope.isOver) return;
  const bound = boundOf(attempt, situationOf(timed.routed, parts), timed, parts);
  const waited = parts.clock.elapsed() - attempt.startedAt;
  scope.watchdog.arm(bound.ms - waited, bound.passed);
}

/** Cancels what is under way, and gives up what has just answered. */
async function end(
  { attempt, scope, answered }: UnderWay,
  routed: RoutedRequest,
  parts: RouterParts,
): Promise<void> {
  scope.cancel(new Superseded());
  const late = await answered.catch(() => undefined);
  if (late === undefined) return;
  attempt.superseded = true;
  if (late.answer.kind === "stream") late.answer.close();
  closeAttempt(attempt, routed, parts);
}
