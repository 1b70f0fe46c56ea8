import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { reasons, type Finding, type Kind, type Reason } from "../../../../src/api/index.ts";
import { draftStatus, type StatusInput } from "../../../../src/operator/status/draft-status.ts";
import type { Standing } from "../../../../src/operator/status/standing.ts";
import type { ResourceStatus } from "../../../../src/operator/status/status.ts";
import { kstatusOf } from "../../../support/kstatus.ts";

const folder = join(import.meta.dirname, "cases");

const now = Date.parse("2026-03-01T12:00:00.750Z");

/** What a case says; the rest is as in good times. */
interface StatusCase {
  /** What the case shows, in a sentence. */
  about: string;
  kind: Kind;
  generation?: number;
  findings?: { reason: Reason; message: string; path?: string }[];
  groups?: Partial<Standing>[];
  previous?: ResourceStatus;
}

export const statusCaseNames = (): string[] => readdirSync(folder).toSorted();

export const expectedStatusFile = (name: string): string => join(folder, name, "expected.yaml");

export function statusOfCase(name: string): ResourceStatus {
  const file = join(folder, name, "input.yaml");
  if (!existsSync(file)) throw new Error(`${file} is missing`);
  return draftStatus(inputOf(parse(readFileSync(file, "utf8")) as StatusCase));
}

function inputOf({
  kind,
  generation = 1,
  findings = [],
  groups = [{}],
  previous,
}: StatusCase): StatusInput {
  const ref = { kind, namespace: "models", name: "it" };
  return {
    resource: { kind, generation },
    findings: findings.map((finding): Finding => {
      const severity = reasons[finding.reason].severity === "Error" ? "Error" : "Warning";
      return { ...finding, severity, ref };
    }),
    standings: groups.map(standingOf),
    previous,
    now,
  };
}

const standingOf = (members: Partial<Standing>): Standing => ({
  routerClass: "default",
  isPublished: true,
  isPending: false,
  ready: 3,
  programmed: 3,
  serving: 3,
  refusals: [],
  ...members,
});

/** The status as people compare it, headed by what tools make of it. */
export function renderStatus(name: string): string {
  const status = statusOfCase(name);
  const resource = { metadata: { generation: status.observedGeneration }, status };
  return stringify({ kstatus: kstatusOf(resource), ...status }, { lineWidth: 110 });
}
