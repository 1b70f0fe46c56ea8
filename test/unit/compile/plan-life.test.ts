import { expect, it } from "vitest";
import { refusalOf } from "../../../src/compile/plan-checks.ts";
import { pricesDigest } from "../../../src/table/index.ts";
import { certificate, plan } from "../../support/plan-entry.ts";
import { backendEntry, routeEntry } from "../routing/sample-entries.ts";

const day = 86_400_000;
const backends = [backendEntry("small"), backendEntry("large")];
const route = routeEntry(backends, {
  baseline: "large",
  quality: { floorPercent: 95, assurance: "Certified" },
});
const prices = pricesDigest(backends);
const issuedAt = Date.UTC(2027, 0, 1);

it.each([
  ["as long as plans are issued for", 30 * day, undefined],
  ["a millisecond longer", 30 * day + 1, "its certificate is for 31 days, and 30 are the most"],
  ["a century", 36_500 * day, "its certificate is for 36500 days, and 30 are the most"],
])("a certificate is for %s: its plan is followed, or compile says why not", (_, life, why) => {
  const signed = plan({
    certificate: certificate({ issuedAt, expiresAt: issuedAt + life, prices }),
  });
  const known = new Map(backends.map((entry) => [entry.name, entry]));
  expect(refusalOf({ plan: signed, route, backends: known, evidence: undefined })).toBe(why);
});
