import { describe } from "vitest";
import { answers } from "./contract/answers.ts";
import { content } from "./contract/content.ts";
import { embeddings } from "./contract/embeddings.ts";
import { failures } from "./contract/failures.ts";
import { Harness, type MakeProvider, type Subject } from "./contract/harness.ts";
import { streams } from "./contract/streams.ts";
import { tools } from "./contract/tools.ts";

/**
 * The contract of providers, run against a simulator of the vendor: each implementation, and each
 * transport of one, is to pass the same tests.
 */
export function describeProvider(name: string, make: MakeProvider, subject: Subject): void {
  describe(name, () => {
    const harness = new Harness(make, subject);
    for (const section of [answers, tools, content, failures, streams, embeddings]) {
      section(harness);
    }
    harness.checkSkips();
  });
}
