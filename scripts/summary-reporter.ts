import type { Reporter, SerializedError, TestModule, TestRunEndReason } from "vitest/node";

/** Ends a test run with one line that sums up every project; `.ci/run` reads it. */
export class SummaryReporter implements Reporter {
  private startedAt = performance.now();

  onTestRunStart(): void {
    this.startedAt = performance.now();
  }

  onTestRunEnd(
    modules: readonly TestModule[],
    unhandled: readonly SerializedError[],
    reason: TestRunEndReason,
  ): void {
    const count = { passed: 0, failed: unhandled.length, skipped: 0, pending: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) count[test.result().state] += 1;
      // A file or a suite that broke outside its tests has failed even where each test passed.
      count.failed += module.errors().length;
      for (const suite of module.children.allSuites()) count.failed += suite.errors().length;
    }
    if (reason === "interrupted") count.failed += 1;
    const seconds = ((performance.now() - this.startedAt) / 1_000).toFixed(1);
    const skipped = count.skipped + count.pending;
    console.log(
      `All tests: ${count.passed} passed, ${count.failed} failed, ${skipped} skipped in ${seconds} s\n`,
    );
  }
}
