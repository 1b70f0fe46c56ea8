// Tells as JSON how many bytes a decision leaves on the heap, by the way it is made. To be run with a young
// generation that holds a window's decisions, so that no collection falls between, and with `--expose-gc`.
import type { ChatRequest } from "../../src/openai/index.ts";
import { choose, needsOf } from "../../src/routing/index.ts";
import { decisionBeds, type DecisionBed } from "./decision-bed.ts";

const decisions = 1_000;
const windows = 5;
/** What the engine compiles and notes down on the way is none of a decision's. */
const warming = 4_000;

const content = "Which of the sums 12 + 30 and 7 * 6 is greater, and by how much? ".repeat(16);
const request: ChatRequest = { model: "assistant", messages: [{ role: "user", content }] };

/** The median of several windows. */
function bytesOf(bed: DecisionBed): number {
  const decide = (times: number): void => {
    for (let time = 0; time < times; time += 1) {
      const choice = choose({ ...bed, needs: needsOf(request) });
      if (!choice.ok) throw new Error(choice.error.message);
    }
  };
  decide(warming);
  const seen = Array.from({ length: windows }, () => {
    globalThis.gc?.();
    const before = process.memoryUsage().heapUsed;
    decide(decisions);
    return (process.memoryUsage().heapUsed - before) / decisions;
  });
  return seen.toSorted((one, other) => one - other)[Math.floor(windows / 2)] ?? Number.NaN;
}

const { planned, byTier } = await decisionBeds();
process.stdout.write(JSON.stringify({ byPlan: bytesOf(planned), byTier: bytesOf(byTier) }));
