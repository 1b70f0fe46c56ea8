import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { decodeModel, modelDigest } from "../../../src/routing/index.ts";
import { readPolicies } from "../../../src/policy/index.ts";
import { syntheticLabels, syntheticLines, syntheticMenu } from "../../support/synthetic-labels.ts";

const folder = mkdtempSync(join(tmpdir(), "switchyard-train-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const { tiers, models, usdPerMTok } = syntheticMenu;
const prices = Object.fromEntries(tiers.map((tier, place) => [tier, usdPerMTok[place]]));
writeFileSync(join(folder, "tiers.json"), JSON.stringify({ tiers, models, usdPerMTok: prices }));
for (const [seed, name] of ["train", "calib", "dev"].entries()) {
  const lines = syntheticLines(syntheticLabels(seed === 0 ? 500 : 300, seed + 1));
  writeFileSync(join(folder, `${name}.jsonl.gz`), gzipSync(lines));
}

function switchyard(...words: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["src/cli/main.ts", ...words], {
    encoding: "utf8",
    timeout: 100_000,
  });
  return { status, stdout, stderr };
}

const at = (name: string): string => join(folder, name);

describe("switchyard train", () => {
  it("writes the same bytes twice, and policies that are of this very model", () => {
    const train = (out: string) =>
      switchyard(
        "train",
        "--data",
        folder,
        "--out",
        at(out),
        "--policies",
        at(`${out}.json`),
        "--name",
        "made",
        "--seed",
        "7",
      );
    expect(train("one")).toMatchObject({ status: 0, stderr: "" });
    expect(train("two").status).toBe(0);
    const [one, two] = [readFileSync(at("one")), readFileSync(at("two"))];
    expect(one.equals(two)).toBe(true);
    const bytes = gunzipSync(one);
    const model = decodeModel(bytes);
    expect(model.ok && model.value.header).toMatchObject({
      name: "made",
      tiers,
      training: { seed: 7, rows: 500 },
    });
    const policies = readPolicies(readFileSync(at("one.json"), "utf8"));
    expect(policies.ok && policies.value.model).toBe(modelDigest(bytes));
    expect(
      policies.ok && policies.value.policies.map(({ routes, floor }) => `${routes} ${floor}`),
    ).toContain("known 0.95");
  });

  it.each([
    ["no folder", ["--out", "x"], "--data must name a folder"],
    ["no place to write to", ["--data", folder], "--out must name the file"],
    ["a seed that is none", ["--data", folder, "--out", "x", "--seed", "-1"], "--seed"],
    ["a folder without data", ["--data", tmpdir(), "--out", "x"], "tiers.json: ENOENT"],
  ])("says what is wrong where there is %s", (_, words, said) => {
    const { status, stderr } = switchyard("train", ...words);
    expect(status).toBe(2);
    expect(stderr).toContain(said);
  });
});

describe("switchyard eval", () => {
  it("reports the classifier beside every baseline, and the same as JSON", () => {
    const { status, stdout } = switchyard(
      "eval",
      "--data",
      folder,
      "--only",
      "held-out,new-models",
      "--json",
      at("out.json"),
      "--html",
      at("out.html"),
    );
    expect(status).toBe(0);
    for (const row of [
      "always strongest",
      "best blind mix",
      "by length",
      "table per route",
      "route hidden",
      "route known",
      "… certified",
      "always cheapest",
      "oracle",
    ]) {
      expect(stdout).toContain(row);
    }
    const found = JSON.parse(readFileSync(at("out.json"), "utf8")) as {
      heldOut: { prompts: number };
    };
    expect(Object.keys(found)).toEqual(["heldOut", "newModels"]);
    expect(found.heldOut.prompts).toBe(300);
    const page = readFileSync(at("out.html"), "utf8");
    for (const heading of ["Held-out prompts", "Models that come new"]) {
      expect(page).toContain(`<h2>${heading}</h2>`);
    }
  });

  it("judges what comes with this release, in the form that was agreed", () => {
    const menu = {
      tiers: ["Small", "Medium", "Large", "Frontier"],
      models: { made: ["little", "middle", "spare", "great"] },
      usdPerMTok: { Small: [0.22, 0.22], Medium: [0.72, 0.72], Large: [0.8, 4], Frontier: [3, 15] },
    };
    writeFileSync(at("menu.json"), JSON.stringify(menu));
    const words = [
      "--data",
      at("dev.jsonl.gz"),
      "--tiers",
      at("menu.json"),
      "--json",
      at("out.json"),
      "--html",
      at("out.html"),
    ];
    const { status, stderr } = switchyard("eval", ...words);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const found = JSON.parse(readFileSync(at("out.json"), "utf8")) as Record<string, object>;
    expect(Object.keys(found)).toEqual(["floors", "apgr", "ece", "decisionMicros"]);
    // No certificate is of these routes: the strongest serves, and every floor is met.
    const kept = {
      saved: 0,
      accuracyRatio: 1,
      uncertifiedShare: 1,
      sweptSaved: expect.any(Number),
      blindMixSaved: expect.any(Number),
      routeTableSaved: expect.any(Number),
    };
    expect(found["floors"]).toEqual({ "0.95": kept, "0.98": kept, "0.99": kept, "1.00": kept });
    expect(found["apgr"]).toEqual({
      mediumToFrontier: expect.any(Number),
      smallToFrontier: expect.any(Number),
    });
    expect(readFileSync(at("out.html"), "utf8")).toContain("general-v1 and its certified policies");
  });

  it.each([
    ["a part that there is not", ["--only", "all-of-it"], "--only must name some of held-out"],
    ["a file in place of the folder", ["--data", at("nowhere")], "tiers.json: ENOENT"],
  ])("says what is wrong where there is %s", (_, words, said) => {
    const { status, stderr } = switchyard("eval", "--data", folder, ...words);
    expect(status).toBe(2);
    expect(stderr).toContain(said);
  });
});
