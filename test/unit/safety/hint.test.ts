import { describe, expect, it } from "vitest";
import { makeCorpus } from "../../../scripts/safety/corpus.ts";
import { filterOf } from "./found.ts";

describe.each(["Pii", "Secrets"] as const)("the hint of %s", (type) => {
  const { inspect, hint } = filterOf({ name: "hinted", type });

  it("stands in or right before everything that the filter finds", () => {
    const texts = [
      ...makeCorpus().map(({ text }) => text),
      "requirepass foobaredFoo",
      "postgres://admin:letmeinplease@db.example.com/x",
      "key AKIAQWERTYUIOPASDFGH there",
      "mysql -u root -h db -pSecretWord",
      "fe::dead:beef and dead:beef::cafe",
    ];
    const found = texts.flatMap((text) =>
      inspect(text).matches.map(({ rule, start, end }) => ({
        rule,
        near: text.slice(Math.max(0, start - 256), end),
      })),
    );
    expect(found.length).toBeGreaterThan(300);
    expect(found.filter(({ near }) => hint?.test(near) !== true)).toEqual([]);
  });

  it("stands in no plain words", () => {
    expect(hint?.test("The harbour wall had begun to lean, and nobody wished to pay.")).toBe(false);
  });
});
