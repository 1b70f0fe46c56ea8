import { setTimeout as sleep } from "node:timers/promises";
import { distributionOf, type Distribution } from "../../test/support/distribution.ts";
import type { AlertWatch } from "./alert-watch.ts";
import type { Firing } from "./firings.ts";
import type { Incident } from "./incidents.ts";
import type { Stage } from "./stage.ts";

/** What clients of the incident's route saw, at the same rate before it and while it lasted. */
interface Clients {
  requests: number;
  errors: number;
  /** Until the first byte, in milliseconds; null where nobody asked. */
  firstByteMs: Pick<Distribution, "p50" | "p90" | "p99"> | null;
  firstByteBeforeMs: Clients["firstByteMs"];
}

/** How an incident was found. Times in seconds, from when it was there; null: never. */
export interface Found {
  alert: string | null;
  seconds: number | null;
  tier: string | null;
  /** The most that it may take. */
  withinSeconds: number;
  labels: Readonly<Record<string, string>>;
  /** Alerts that fired of the same cause, with the time that they took. */
  others: { alert: string; seconds: number; labels: Readonly<Record<string, string>> }[];
  /** From the moment on when it was taken back; null where that was not waited for, too. */
  resolvedSeconds: number | null;
  goneWithinSeconds: number | null;
  clients: Clients;
}

export interface RunOptions {
  stage: Stage;
  watch: AlertWatch;
  say: (line: string) => void;
}

/** What fires after the alert that was waited for still belongs to the picture. */
const afterMs = 20_000;
/** Of the clients before. */
const quietMs = 60_000;
const lookMs = 250;

/** An incident's course; times in milliseconds since the epoch. */
export interface Course {
  incident: Incident;
  began: number;
  healedAt: number;
  /** Undefined: it was not found. */
  firing: Firing | undefined;
  clients: Clients;
}

/** Lets an incident happen, waits for its alert, takes it back, and waits until routers trust its backends again. */
export async function happen(incident: Incident, options: RunOptions): Promise<Course> {
  const { stage, watch, say } = options;
  const { name, happens, withinSeconds } = incident;
  say(`${name}: ${happens}`);
  const began = Date.now();
  const heal = await incident.inject(stage);
  const firing = await watch.until((each) => tells(incident, each, began), withinSeconds * 1_000);
  say(`${name}: ${firing === undefined ? "NOT FOUND" : toldOf(firing, began)}`);
  if (firing !== undefined) await sleep(afterMs);
  const healedAt = Date.now();
  await heal();
  const clients = clientsOf(incident, stage, began, healedAt);
  const recoveredAfter = await stage.untilTrusted(incident.touches);
  say(`${name}: taken back, and recovered from after ${recoveredAfter} s`);
  return { incident, began, healedAt, firing, clients };
}

/** Waits until its alert is gone; what else may have fired has done so by then. */
export async function foundBy(course: Course, { watch, say }: RunOptions): Promise<Found> {
  const { incident, began, firing, clients } = course;
  const resolvedSeconds = await untilResolved(course);
  if (resolvedSeconds !== null) say(`${incident.name}: over for ${resolvedSeconds} s, alert gone`);
  return {
    alert: firing?.alert ?? null,
    seconds: firing === undefined ? null : secondsBetween(began, firing.since),
    tier: firing?.labels["tier"] ?? null,
    withinSeconds: incident.withinSeconds,
    labels: firing?.labels ?? {},
    others: othersOf(course, watch.firings),
    resolvedSeconds,
    goneWithinSeconds: incident.goneWithinSeconds ?? null,
    clients,
  };
}

function othersOf(course: Course, firings: readonly Firing[]): Found["others"] {
  const { began, firing } = course;
  return firings
    .filter((each) => each !== firing && comesOf(course, each))
    .map(({ alert, since, labels }) => ({ alert, seconds: secondsBetween(began, since), labels }));
}

/** @returns seconds since it was taken back; null: it fires still, or was not waited for */
async function untilResolved({ incident, firing, healedAt }: Course): Promise<number | null> {
  const { goneWithinSeconds } = incident;
  if (firing === undefined || goneWithinSeconds === undefined) return null;
  const giveUpAt = healedAt + goneWithinSeconds * 1_000;
  while (firing.until === undefined && Date.now() < giveUpAt) await sleep(lookMs);
  return firing.until === undefined ? null : secondsBetween(healedAt, firing.until);
}

const secondsBetween = (from: number, to: number): number => Math.round((to - from) / 100) / 10;

const toldOf = ({ alert, since, labels }: Firing, began: number): string =>
  `${alert} (${labels["tier"]}) after ${secondsBetween(began, since)} s`;

export const tells = ({ alert, names }: Incident, firing: Firing, began: number): boolean =>
  firing.alert === alert &&
  firing.since >= began &&
  (names === undefined || Object.values(firing.labels).includes(names));

/** Whether an alert may be laid to an incident: it came after it, and tells of it or names what it touches. */
export const comesOf = ({ incident, began }: Course, firing: Firing): boolean =>
  tells(incident, firing, began) ||
  (firing.since >= began &&
    incident.touches.some((name) => Object.values(firing.labels).includes(name)));

function clientsOf({ route }: Incident, { traffic }: Stage, from: number, to: number): Clients {
  const during = traffic.between(route, from, to);
  return {
    requests: during.length,
    errors: during.filter(({ problem }) => problem !== undefined).length,
    firstByteMs: firstBytesOf(during),
    firstByteBeforeMs: firstBytesOf(traffic.between(route, from - quietMs, from)),
  };
}

function firstBytesOf(seen: readonly { firstByteMs: number }[]): Clients["firstByteMs"] {
  if (seen.length === 0) return null;
  const { p50, p90, p99 } = distributionOf(seen.map((each) => each.firstByteMs));
  return { p50: Math.round(p50), p90: Math.round(p90), p99: Math.round(p99) };
}
