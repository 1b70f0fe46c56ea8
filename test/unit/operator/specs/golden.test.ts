import { readFileSync } from "node:fs";

import { describe, expect, test } from "vitest";

import { expectedGroupFiles, groupCaseNames, renderGroupCase } from "./group-case.ts";

describe.each(groupCaseNames())("the objects of %s (npm run golden rewrites them)", (name) => {
  const rendered = renderGroupCase(name);

  test.each([...rendered])("%s", (file, text) => {
    expect(text).toBe(readFileSync(file, "utf8"));
  });

  test("are all there, and no other", () => {
    expect(expectedGroupFiles(name).toSorted()).toEqual([...rendered.keys()].toSorted());
  });
});
