import { describe, expect, test } from "vitest";

import { quantityNanos } from "../../../src/operator/quantity.ts";

describe("a quantity", () => {
  test.each([
    ["1", 1_000_000_000n],
    ["1000m", 1_000_000_000n],
    ["0.5", 500_000_000n],
    [".5", 500_000_000n],
    ["5.", 5_000_000_000n],
    ["250m", 250_000_000n],
    ["100u", 100_000n],
    ["3n", 3n],
    ["1k", 1_000_000_000_000n],
    ["2e3", 2_000_000_000_000n],
    ["2E3", 2_000_000_000_000n],
    ["5e-3", 5_000_000n],
    ["1E", 10n ** 27n],
    ["1Ki", 1_024_000_000_000n],
    ["1.5Gi", 1_610_612_736n * 10n ** 9n],
    ["1Ei", 1_024n ** 6n * 10n ** 9n],
    ["0", 0n],
    ["0.5n", 1n],
  ])("%s has its size", (text, nanos) => {
    expect(quantityNanos(text)).toBe(nanos);
  });

  test.each(["", ".", "Mi", "1.2.3", "1 Gi", "1gi", "1Kib", "-1", "1e", "e3", "many", "1K"])(
    "%s is none",
    (text) => {
      expect(quantityNanos(text)).toBeUndefined();
    },
  );
});
