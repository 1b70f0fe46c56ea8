import { describe, expect, it } from "vitest";
import { backendSlow, staleTable } from "../../../scripts/incidents/incidents.ts";
import { comesOf, tells, type Course } from "../../../scripts/incidents/run-incident.ts";
import type { Firing } from "../../../scripts/incidents/firings.ts";

const began = 1_000;
const firing = (alert: string, labels: Record<string, string>, since = began): Firing => ({
  alert,
  labels: { alertname: alert, namespace: "default", ...labels },
  since,
  until: undefined,
});
const course = (incident: Course["incident"]): Course => ({
  incident,
  began,
  healedAt: 2_000,
  firing: undefined,
  clients: { requests: 0, errors: 0, firstByteMs: null, firstByteBeforeMs: null },
});
const slow = (backend: string, since?: number) =>
  firing("SwitchyardBackendSlow", { switchyard_backend: backend }, since);

describe("an incident", () => {
  it("is found by its own alert alone, which names it and comes after it", () => {
    expect(tells(backendSlow, slow("haiku"), began)).toBe(true);
    expect(tells(backendSlow, slow("lite"), began)).toBe(false);
    expect(tells(backendSlow, slow("haiku", began - 1), began)).toBe(false);
    const failing = firing("SwitchyardBackendFailing", { switchyard_backend: "haiku" });
    expect(tells(backendSlow, failing, began)).toBe(false);
    expect(tells(staleTable, firing("SwitchyardTableStale", {}), began)).toBe(true);
  });

  it.each<[string, Firing, boolean]>([
    ["its own alert", slow("haiku"), true],
    [
      "what names its route",
      firing("SwitchyardLatencyBurn", { switchyard_route: "assistant" }),
      true,
    ],
    ["what names a stand-in", slow("pro"), true],
    ["what names another route's backend", slow("lite"), false],
    ["what names nothing", firing("SwitchyardNoLeader", {}), false],
    ["what fired before it", slow("haiku", began - 1), false],
  ])("explains or does not explain %s", (_, each, explains) => {
    expect(comesOf(course(backendSlow), each)).toBe(explains);
  });
});
