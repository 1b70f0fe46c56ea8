import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { conditionTypes, reasons } from "../../../../src/api/index.ts";
import {
  changeOf,
  isSameStatus,
  newsOf,
  withTimesOf,
} from "../../../../src/operator/status/compare-status.ts";
import { draftStatus, ownStatus } from "../../../../src/operator/status/draft-status.ts";
import type { ResourceStatus } from "../../../../src/operator/status/status.ts";
import { statusSchemas } from "../../../../src/api/kinds/status.ts";
import { expectedStatusFile, renderStatus, statusCaseNames, statusOfCase } from "./status-case.ts";

describe("golden pairs (npm run golden rewrites them)", () => {
  test.each(statusCaseNames())("%s", (name) => {
    expect(renderStatus(name)).toBe(readFileSync(expectedStatusFile(name), "utf8"));
  });
});

describe.each(statusCaseNames())("the status of %s", (name) => {
  const status = statusOfCase(name);

  test("fits the schema of every kind that has its fields", () => {
    expect(statusSchemas.ModelRoute.safeParse(status).error).toBeUndefined();
  });

  test("bears the observed generation on every condition", () => {
    for (const condition of status.conditions)
      expect(condition.observedGeneration).toBe(status.observedGeneration);
  });

  test("gives a reason that belongs to its condition, as its table of reasons has it", () => {
    for (const { type, reason, status: value } of status.conditions) {
      const entry = reasons[reason as keyof typeof reasons];
      expect([type, reason, entry.condition, entry.status]).toEqual([type, reason, type, value]);
    }
  });

  test("is never Stalled and Reconciling at once, and abnormal conditions are there only while they hold", () => {
    const abnormal = status.conditions.filter(({ type }) => conditionTypes[type].abnormal);
    expect(abnormal.length).toBeLessThanOrEqual(1);
    for (const condition of abnormal) expect(condition.status).toBe("True");
  });
});

const steady = statusOfCase("route-programmed");

const changed = (
  status: ResourceStatus,
  type: string,
  members: Partial<ResourceStatus["conditions"][number]>,
): ResourceStatus => ({
  ...status,
  conditions: status.conditions.map((each) =>
    each.type === type ? { ...each, ...members } : each,
  ),
});

test("a transition time moves with the status alone", () => {
  const input = {
    resource: { kind: "ModelBackend" as const, generation: 2 },
    findings: [],
    standings: [],
    now: Date.parse("2026-06-01T00:00:00Z"),
  };
  const previous = changed(draftStatus({ ...input, previous: undefined, now: 0 }), "Ready", {
    status: "False",
    reason: "NotServing",
    message: "It was not.",
  });
  const times = draftStatus({ ...input, previous }).conditions.map(
    ({ type, lastTransitionTime }) => [type, lastTransitionTime],
  );
  expect(Object.fromEntries(times)).toEqual({
    Accepted: "1970-01-01T00:00:00Z",
    ResolvedRefs: "1970-01-01T00:00:00Z",
    Programmed: "1970-01-01T00:00:00Z",
    Ready: "2026-06-01T00:00:00Z",
  });
});

describe("what is compared with the cluster", () => {
  test("leaves out the conditions and fields of others", () => {
    const drift = { ...steady.conditions[0], type: "LatencyDrift", reason: "LatencyDrifted" };
    const there = { ...steady, drift: "Latency", conditions: [drift, ...steady.conditions] };
    expect(ownStatus(there)).toEqual(steady);
  });

  test.each([[undefined], [null], [{}], [{ conditions: [] }]])("is nothing in %j", (status) => {
    expect(ownStatus(status)).toBeUndefined();
  });

  test("does not depend on the order of conditions", () => {
    const reversed = { ...steady, conditions: steady.conditions.toReversed() };
    expect(isSameStatus(reversed, steady)).toBe(true);
    expect(isSameStatus(undefined, steady)).toBe(false);
    expect(isSameStatus(changed(steady, "Ready", { message: "Else." }), steady)).toBe(false);
  });

  test.each<[string, ResourceStatus | undefined, string]>([
    ["nothing before", undefined, "author"],
    ["another generation", { ...steady, observedGeneration: 7 }, "author"],
    ["another Accepted", changed(steady, "Accepted", { status: "False" }), "author"],
    ["another reason of ResolvedRefs", changed(steady, "ResolvedRefs", { reason: "X" }), "author"],
    ["another Programmed", changed(steady, "Programmed", { status: "False" }), "routers"],
    ["another Ready", changed(steady, "Ready", { status: "False" }), "routers"],
    [
      "a Ready and an Accepted",
      changed(changed(steady, "Ready", { status: "False" }), "Accepted", { status: "False" }),
      "author",
    ],
    ["a condition less", { ...steady, conditions: steady.conditions.slice(0, -1) }, "routers"],
    ["another number", { ...steady, programmed: "2/3" }, "figures"],
    ["other words", changed(steady, "Programmed", { message: "2 of 3." }), "figures"],
  ])("tells by whom it was changed: %s", (_, before, change) => {
    expect(changeOf(before, steady)).toBe(change);
  });

  test("keeps the times of conditions that are as they are in the cluster", () => {
    const later = { lastTransitionTime: "2026-06-01T00:00:00Z" };
    const draft = changed(changed(steady, "Programmed", later), "Ready", {
      ...later,
      status: "False",
    });
    const expected = changed(steady, "Ready", { ...later, status: "False" });
    expect(withTimesOf(steady, draft)).toEqual(expected);
    expect(withTimesOf(undefined, draft)).toEqual(draft);
  });
});

describe("Events", () => {
  const regarding = {
    apiVersion: "switchyard.dev/v1alpha1",
    kind: "ModelRoute",
    metadata: { name: "it" },
  };
  const told = (before: string | undefined, after: string) =>
    newsOf(
      regarding,
      before === undefined ? undefined : statusOfCase(before),
      statusOfCase(after),
    ).map(({ type, reason, action }) => `${type} ${reason} ${action}`);

  test.each([
    [
      "of a new route that is served",
      undefined,
      "route-programmed",
      ["Normal Programmed Publishing"],
    ],
    ["of a new route that waits for routers", undefined, "route-without-routers", []],
    ["of a new route that is refused", undefined, "route-invalid", ["Warning Invalid Compiling"]],
    ["of nothing new", "route-programmed", "route-programmed", []],
    ["while routers load an edit", "route-programmed", "route-loading", []],
    [
      "once they have loaded it",
      "route-loading",
      "route-programmed",
      ["Normal Programmed Publishing"],
    ],
    [
      "of an edit that is refused",
      "route-programmed",
      "route-invalid-kept",
      ["Warning Invalid Compiling", "Warning NotProgrammed Publishing"],
    ],
    [
      "of its being mended",
      "route-invalid-kept",
      "route-programmed",
      ["Normal Accepted Compiling", "Normal Programmed Publishing"],
    ],
  ])("%s", (_, before, after, events) => {
    expect(told(before, after)).toEqual(events);
  });

  test.each([
    [
      "its last candidate, while routers still load that",
      "NoCandidates",
      ["Warning NoCandidates Serving"],
    ],
    ["its routers, for as long as they start anew", "NotServing", []],
  ])("of a route that lost %s", (_, reason, events) => {
    const lost = changed(statusOfCase("route-loading"), "Ready", { status: "False", reason });
    const news = newsOf(regarding, statusOfCase("route-programmed"), lost);
    expect(news.map((each) => `${each.type} ${each.reason} ${each.action}`)).toEqual(events);
  });
});
