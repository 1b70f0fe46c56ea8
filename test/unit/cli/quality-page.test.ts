import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { evalPage, shippedPage } from "../../../src/cli/quality-page/eval-page.ts";
import { livePage } from "../../../src/cli/quality-page/live-page.ts";
import { markup } from "../../../src/lib/index.ts";
import { scoreByLength, scoreByRoute } from "../../../src/policy/baselines.ts";
import { evaluateScored, type Evaluation } from "../../../src/policy/evaluate.ts";
import type { LabelledPrompt } from "../../../src/policy/index.ts";
import { assignByLambda } from "../../../src/policy/lambda-policy.ts";
import { syntheticLabels, syntheticMenu as menu } from "../../support/synthetic-labels.ts";

const prompts = syntheticLabels(300);

/** A table per route in the classifier's place: pages do not ask what scored the prompts. */
function evaluationOf(judged: readonly LabelledPrompt[]): Evaluation {
  const scored = scoreByRoute(prompts, judged);
  const certified = [300, 100, 30, 0].map((lambda) => assignByLambda(scored, lambda));
  return evaluateScored({
    baselines: [{ name: "by length", scored: scoreByLength(prompts, judged, menu) }],
    classifiers: [{ name: "classifier, route known", scored, certified }],
  });
}

const withNames = (route: string, tenant: string): Evaluation =>
  evaluationOf(prompts.map((each) => (each.route === "mixed" ? { ...each, route, tenant } : each)));

const plain = shippedPage(withNames("route", "tenant"), "general-v1", "dev.jsonl");

/** The tags of a page without what stands between them, and without what attributes say. */
const skeletonOf = (page: string): string[] =>
  (page.match(/<[^>]*>/g) ?? []).map((tag) => tag.replaceAll(/"[^"]*"/g, '""'));

describe("markup", () => {
  it("takes any text as text, in elements and in attributes", () => {
    const text = `</title><script>alert("1")</script> & 'x'`;
    expect(markup`<a title="${text}">${text}</a>`.text).toBe(
      `<a title="&lt;/title&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;x&#39;">&lt;/title&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;x&#39;</a>`,
    );
  });

  it("puts markup into markup as it is, and lists one after the other", () => {
    const rows = [1, 2].map((number) => markup`<li>${number}</li>`);
    expect(markup`<ul>${rows}${[]}</ul>`.text).toBe("<ul><li>1</li><li>2</li></ul>");
  });

  it("shows characters that no page may hold as such", () => {
    expect(markup`${"a\u0000b\u001Bc\nd"}`.text).toBe("a\uFFFDb\uFFFDc\nd");
  });
});

describe("a page of an evaluation", () => {
  it("has the same elements whatever routes, tenants and files are called", () => {
    const wanted = skeletonOf(plain);
    const hostile = fc.string({
      unit: fc.constantFrom(...`<>"'&/=\u0000 abscript-!`),
      minLength: 1,
    });
    fc.assert(
      fc.property(hostile, hostile, hostile, (route, tenant, file) => {
        const page = shippedPage(withNames(`a${route}`, tenant), "general-v1", file);
        expect(skeletonOf(page)).toEqual(wanted);
      }),
      { numRuns: 30 },
    );
  });

  it("needs nothing from anywhere, and no script", () => {
    expect(plain).not.toMatch(
      /<script|<link|<img|<iframe|\bsrc=|\bhref=|https?:|@import|url\((?!#)/i,
    );
    expect(plain).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
    expect(plain).toContain("prefers-color-scheme: dark");
    expect(plain).toContain('name="viewport"');
  });

  it("says of every drawing what it shows, and sets a table beside it", () => {
    const drawings = plain.match(/<svg class="chart"[\s\S]*?<\/svg>/g) ?? [];
    expect(drawings).toHaveLength(4);
    for (const drawing of drawings) {
      const [, title, description] = /aria-labelledby="(\S+) (\S+)"/.exec(drawing) ?? [];
      expect(drawing).toContain(`<title id="${title}">`);
      expect(drawing).toMatch(new RegExp(`<desc id="${description}">[^<]{40,}</desc>`));
    }
    const figures = plain.match(/<div class="pair"><figure>[\s\S]*?<\/figure><div class="scroll"/g);
    expect(figures).toHaveLength(drawings.length);
    const ids = [...plain.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("tells each policy's savings at each floor, and each route and tenant", () => {
    const evaluation = withNames("route", "tenant");
    for (const { name, swept } of evaluation.rows) {
      const cells = swept.map((saved) => `<td>${(100 * saved).toFixed(1)}</td>`).join("");
      expect(plain).toContain(`<th scope="row">${name}</th>${cells}`);
    }
    for (const name of ["route", "proofs", "tenant"]) {
      expect(plain).toContain(`<th scope="row">${name}</th>`);
    }
  });

  it("draws more saved higher up, and more kept further to the right", () => {
    const [, points = ""] = /<polyline class="line look-3" points="([^"]+)"/.exec(plain) ?? [];
    const places = points.split(" ").map((point) => point.split(",").map(Number));
    const { curve } = withNames("route", "tenant").rows.at(-1)!;
    expect(places).toHaveLength(curve.length);
    for (const [index, [across, down]] of places.entries()) {
      const [before] = places.slice(index - 1, index);
      if (index === 0 || before === undefined) continue;
      expect(across).toBeGreaterThan(before[0]!);
      expect(down).toBeGreaterThan(before[1]!);
    }
  });

  it("holds what was asked for and nothing else", () => {
    const evaluation = evaluationOf(prompts);
    const outcome = { saved: 0.4, under: 0.01, worst: 0.94 };
    const page = evalPage(
      {
        nested: { evaluation, foldsUnder: { known: [0.25, 0, 0, 0], hidden: [0, 0, 0, 0] } },
        tenants: { globalLambda: outcome, ownLabels: outcome, shrunk: outcome },
      },
      "data",
    );
    const headings = [...page.matchAll(/<h2>([^<]*)<\/h2>/g)].map(([, text]) => text);
    expect(headings).toEqual(["Every prompt judged once", "Tenants of mixes of their own"]);
    expect(page).toContain('<th scope="row">… folds under the floor</th><td>25.0</td>');
  });
});

describe("a page of live traffic", () => {
  const group = {
    name: "<chat>",
    requests: 12,
    costUsd: 0.5,
    measuringUsd: 0.1,
    saved: 0.25,
    labels: 40,
    correct: 0.8,
    kept: { estimate: 0.97, lower: 0.91, upper: 1.03, pairs: 20 },
    calibrationError: 0.02,
  };
  const bins = [{ answers: 40, said: 0.7, came: 0.8 }];
  const unmeasured = { ...group, labels: 0, correct: null, kept: null, calibrationError: null };

  it("tells of every route and tenant, in markup of its own alone", () => {
    const found = { total: group, routes: [group], tenants: [unmeasured], reliability: bins };
    const page = livePage(found, "a day", 0.95);
    expect(page).toContain('<th scope="row">&lt;chat&gt;</th><td>12</td><td>0.600000</td>');
    expect(page).not.toContain("<chat>");
    expect(page.match(/<svg class="chart"/g)).toHaveLength(2);
    expect(page).toContain("<td>91.0–103.0</td>");
  });

  it("says so where there are no labels", () => {
    const found = { total: unmeasured, routes: [unmeasured], tenants: [], reliability: [] };
    const page = livePage(found, "a day", 0.95);
    expect(page).toContain("There are no labels");
    expect(page).not.toContain('<svg class="chart"');
  });
});
