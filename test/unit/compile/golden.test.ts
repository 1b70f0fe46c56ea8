import { readFileSync } from "node:fs";

import { describe, expect, test } from "vitest";

import { reasons } from "../../../src/api/index.ts";
import { decodeTable, encodeTable } from "../../../src/table/index.ts";
import { caseNames, compileCase, expectedFile, render } from "./golden-case.ts";

describe("golden pairs (npm run golden rewrites them)", () => {
  test.each(caseNames())("%s", (name) => {
    expect(render(compileCase(name))).toBe(readFileSync(expectedFile(name), "utf8"));
  });
});

test.each(caseNames())("routers accept the table of %s", (name) => {
  const { table } = compileCase(name);
  expect(decodeTable(encodeTable(table))).toEqual({ ok: true, value: table });
});

test("every finding has the severity of its reason, and every reason of compile has a case", () => {
  const found = caseNames().flatMap((name) => compileCase(name).findings);
  for (const { severity, reason } of found)
    expect([reason, reasons[reason].severity]).toEqual([reason, severity]);
  // But for NotImplemented and NotEnforced: at present no field is ignored.
  expect([...new Set(found.map(({ reason }) => reason))].toSorted()).toEqual([
    "BackendInvalid",
    "BackendNotFound",
    "BackendNotUsed",
    "BaselineNotPermitted",
    "CapabilityMismatch",
    "ClassifierInvalid",
    "ClassifierNotFound",
    "ClusterIssuerUnknown",
    "Conflicted",
    "DriftUnwatched",
    "EmbeddingsMismatch",
    "EndpointNotAllowed",
    "EnvelopeUnreachable",
    "FilterNotRun",
    "GoldenSetNotFound",
    "Invalid",
    "JudgeNotFound",
    "KeptPublished",
    "LimitOutOfReach",
    "LimitTooSmall",
    "LongerThanDrain",
    "ModelNameTaken",
    "NoCandidates",
    "NobodyAdmitted",
    "NotAccepted",
    "NotCertified",
    "NothingPermitted",
    "NothingSelected",
    "Paused",
    "PlanKept",
    "PlanNotFollowed",
    "ProcessingRegionsUnknown",
    "RoleNotAllowed",
    "SecondClassifier",
    "SharedStoreRequired",
    "SubjectsOverlap",
  ]);
});
