import type { PlanOutput, PlanReport } from "../policy/index.ts";
import { markdownTable } from "../pages/index.ts";

/** A run as people read it: a line a plan, then what the job found. */
export function planTable({ report, findings }: PlanOutput): string {
  if (report.length === 0) return "No route chooses by CheapestWithinEnvelope: nothing to plan";
  const table = markdownTable({
    head: [
      "route",
      "tenant",
      "serves",
      "λ",
      "saves",
      "bound",
      "labels",
      "shares",
      "expires",
      "why",
    ],
    rows: report.map(rowOf),
  });
  const told = findings
    .filter(({ severity }) => severity === "Warning")
    .map(
      ({ code, route, tenant, message }) =>
        `${code}: ${route}${tenant === null ? "" : `, tenant ${tenant}`}: ${message}`,
    );
  return [table, ...(told.length === 0 ? [] : [""]), ...told].join("\n");
}

function rowOf(plan: PlanReport): string[] {
  const { golden, shadow } = plan.labels;
  return [
    plan.route,
    plan.tenant ?? "all",
    served(plan),
    orDash(plan.lambda, (lambda) => lambda.toPrecision(3)),
    orDash(plan.expectedSaving, percent),
    orDash(plan.lowerBound, (bound) => `+${bound.toFixed(3)}`),
    `${golden} golden, ${shadow} shadow`,
    Object.entries(plan.shares)
      .map(([name, share]) => `${name} ${percent(share)}`)
      .join(", "),
    orDash(plan.expiresAt, (at) => new Date(at).toISOString().slice(0, 10)),
    plan.because ?? "",
  ];
}

const served = ({ serves, rollout }: PlanReport): string =>
  rollout === null ? serves : `${serves}, newer at ${rollout.sharePercent} %`;

const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;

const orDash = (value: number | null, say: (value: number) => string): string =>
  value === null ? "–" : say(value);

interface Run {
  namespace: string;
  routerClass: string;
  now: number;
}

/** The same as JSON lines, for whatever keeps a job's output: one a plan, then one a finding. */
export function planLines(
  { plans, report, findings }: PlanOutput,
  { namespace, routerClass, now }: Run,
): string[] {
  const head = {
    schema_version: 1,
    ts: new Date(now).toISOString(),
    stream: "plan",
    namespace,
    class: routerClass,
  };
  const entryOf = ({ route, tenant }: PlanReport) =>
    plans.find((entry) => entry.route === route && entry.tenant === tenant);
  return [
    ...report.map((each) => ({
      ...head,
      level: "info",
      event: "planned",
      route: each.route,
      tenant: each.tenant,
      serves: each.serves,
      rollout_percent: each.rollout?.sharePercent ?? null,
      plan_digest: entryOf(each)?.current?.digest ?? null,
      lambda: each.lambda,
      expected_saving: each.expectedSaving,
      lower_bound: each.lowerBound,
      labels: each.labels,
      shares: each.shares,
      expires_at: each.expiresAt === null ? null : new Date(each.expiresAt).toISOString(),
      measured: entryOf(each)?.measured ?? null,
      because: each.because,
    })),
    ...findings.map(({ code, severity, route, tenant, message }) => ({
      ...head,
      level: severity === "Warning" ? "warn" : "info",
      event: "finding",
      route,
      tenant,
      code,
      message,
    })),
  ].map((line) => JSON.stringify(line));
}
