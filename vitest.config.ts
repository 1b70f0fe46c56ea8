import { defineConfig } from "vitest/config";
import { SummaryReporter } from "./scripts/summary-reporter.ts";

// Fast projects come first, one after the other, so that a broken unit is seen within seconds.
export default defineConfig({
  test: {
    reporters: ["default", new SummaryReporter()],
    silent: "passed-only",
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/unit/**/*.test.ts"],
          testTimeout: 20_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: "guards",
          include: ["test/guards/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 180_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: "system",
          include: ["test/system/**/*.test.ts"],
          testTimeout: 120_000,
          // A hook may first have to install what a fresh machine lacks, and wait for others that install.
          hookTimeout: 600_000,
          sequence: { groupOrder: 2 },
          // Each file starts servers of its own; two cores bear two files at a time.
          maxWorkers: 2,
        },
      },
    ],
  },
});
