import { expect, test } from "vitest";
import { lastPlans } from "../../../src/cli/plan-cluster.ts";
import { planEntry } from "../../support/plan-entry.ts";

const revoked = planEntry({
  current: null,
  evidence: { since: 7, because: "Revoked", model: "a".repeat(64), backends: {} },
});
const own = planEntry({ tenant: "acme" });
const published = {
  plans: { chat: revoked, "chat/acme": planEntry({ tenant: "acme", current: null }) },
};

test("a run goes on from the published plans where somebody has spoilt what it wrote last", () => {
  expect(lastPlans({ plans: [own], isWhole: false }, published)).toEqual([own, revoked]);
});

test("a run goes on from what it wrote last alone where all of that can be read", () => {
  expect(lastPlans({ plans: [own], isWhole: true }, published)).toEqual([own]);
});
