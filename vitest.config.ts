import { defineConfig } from "vitest/config";

// Fast projects come first, so that a broken unit is seen within seconds of `npm test`.
export default defineConfig({
  test: {
    projects: [
      { test: { name: "unit", include: ["test/unit/**/*.test.ts"], testTimeout: 20_000 } },
      { test: { name: "guards", include: ["test/guards/**/*.test.ts"], testTimeout: 60_000 } },
      {
        test: {
          name: "system",
          include: ["test/system/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 180_000,
          // Each file starts servers of its own; two cores bear two files at a time.
          maxWorkers: 2,
        },
      },
    ],
  },
});
