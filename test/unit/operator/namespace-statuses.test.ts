import { expect, test } from "vitest";
import { toManifest, type Finding, type Kind } from "../../../src/api/index.ts";
import type { KubeObject } from "../../../src/kube/index.ts";
import type { GroupReport } from "../../../src/operator/group-report.ts";
import { PublicationHistory } from "../../../src/operator/history.ts";
import { DraftMemory } from "../../../src/operator/status/draft-memory.ts";
import { draftStatuses } from "../../../src/operator/namespace-statuses.ts";
import { tableOf } from "./sample-tables.ts";

function resourceOf(kind: Kind, name: string, spec: object = {}) {
  const object: KubeObject = {
    apiVersion: "switchyard.dev/v1alpha1",
    kind,
    metadata: { name, namespace: "models", generation: 1 },
    spec,
  };
  const { manifest } = toManifest(object);
  if (manifest === undefined) throw new Error(`${name} is no resource`);
  return { object, manifest };
}

const resources = [
  resourceOf("ModelRoute", "chat"),
  resourceOf("ModelRoute", "gold", { routerClass: "gold" }),
  resourceOf("ModelBackend", "nova"),
  resourceOf("TenantPolicy", "team"),
];

const finding = (kind: Kind, name: string, members: Partial<Finding>): Finding => ({
  severity: "Error",
  reason: "Invalid",
  message: "It is wrong.",
  ref: { kind, namespace: "models", name },
  ...members,
});

function reportOf(routerClass: string, route: string, findings: readonly Finding[]): GroupReport {
  const table = tableOf("models", [route]);
  const history = new PublicationHistory();
  history.add("digest", table);
  return {
    group: { namespace: "models", routerClass },
    findings,
    compiled: table,
    published: table,
    history,
    routers: [{ pod: "a", ready: true, digest: "digest" }],
  };
}

function conditionsOf(reports: readonly GroupReport[], findings: readonly Finding[] = []) {
  const manifests = resources.map(({ manifest }) => manifest);
  const inputs = {
    namespace: "models",
    resources,
    manifests,
    groups: [],
    abandoned: [],
    findings: [],
  };
  const drafts = draftStatuses({ inputs, reports, findings, previous: () => undefined, now: 0 });
  return (name: string, type: string) => {
    const draft = drafts.find(({ resource }) => resource.object.metadata.name === name);
    const found = draft?.status.conditions.find((each) => each.type === type);
    return found === undefined ? undefined : `${found.status} ${found.reason}: ${found.message}`;
  };
}

test("a route is judged by its own class's group", () => {
  const of = conditionsOf([reportOf("default", "chat", []), reportOf("gold", "gold", [])]);
  expect(of("chat", "Programmed")).toContain(
    "True Programmed: 1 of 1 ready routers of class default",
  );
  expect(of("gold", "Programmed")).toContain("of class gold");
});

test("what every group finds is said once; what one finds bears its class", () => {
  const shared = finding("TenantPolicy", "team", { path: "spec.budgets" });
  const own = finding("ModelBackend", "nova", {
    reason: "EndpointNotAllowed",
    message: "The host is not allowed.",
  });
  const of = conditionsOf([
    reportOf("default", "chat", [shared, own]),
    reportOf("gold", "gold", [shared]),
  ]);
  expect(of("team", "Accepted")).toBe("False Invalid: spec.budgets: It is wrong.");
  expect(of("nova", "Accepted")).toBe(
    "False EndpointNotAllowed: For router class default: The host is not allowed.",
  );
});

test("where there is no group, what is wrong with a tenant is said all the same", () => {
  const of = conditionsOf([], [finding("TenantPolicy", "team", {})]);
  expect(of("team", "Stalled")).toBe("True Stalled: It is wrong.");
  expect(of("nova", "Ready")).toMatch(/^True Ready/);
});

test("whoever drafts again drafts only what something else is to be said of, or what changed", () => {
  const memory = new DraftMemory();
  const draft = (report: GroupReport, present = resources): string[] => {
    const manifests = present.map(({ manifest }) => manifest);
    const none = { groups: [], abandoned: [], findings: [] };
    const inputs = { namespace: "models", resources: present, manifests, ...none };
    const drafting = { inputs, reports: [report], findings: [], previous: () => undefined, now: 0 };
    return draftStatuses({ ...drafting, memory }).map(
      ({ resource }) => resource.manifest.metadata.name,
    );
  };
  const chat = reportOf("default", "chat", []);
  expect(draft(chat)).toEqual(["chat", "gold", "nova", "team"]);
  expect(draft(chat)).toEqual([]);
  const wrong = { ...chat, findings: [finding("TenantPolicy", "team", {})] };
  expect(draft(wrong)).toEqual(["team"]);
  expect(draft({ ...wrong, findings: [finding("TenantPolicy", "team", {})] })).toEqual([]);
  expect(draft(chat)).toEqual(["team"]);
  const refusing = [{ pod: "a", ready: true, digest: "digest", error: "Bucket 3 is missing" }];
  expect(draft({ ...chat, routers: refusing })).toContain("chat");
  expect(draft(chat)).toContain("chat");
  const changed = resources.map((resource) =>
    resource.manifest.metadata.name === "gold"
      ? { ...resource, object: { ...resource.object } }
      : resource,
  );
  expect(draft(chat, changed)).toEqual(["gold"]);
});
