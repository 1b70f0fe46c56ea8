import { defineConfig } from "vitest/config";
import { SummaryReporter } from "./scripts/summary-reporter.ts";

// `npm run test:cluster`: what needs a real Kubernetes with real pods. Each file has a cluster of its
// own, in the network namespace that scripts/cluster.ts made, so there is one at a time.
export default defineConfig({
  test: {
    reporters: ["default", new SummaryReporter()],
    silent: "passed-only",
    projects: [
      {
        test: {
          name: "cluster",
          include: ["test/cluster/**/*.test.ts"],
          testTimeout: 600_000,
          hookTimeout: 600_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
