import { describe, expect, test } from "vitest";
import { judgeTargets, targetLine } from "../../system/operator/propagation/targets.ts";

const run = ({ p99 = 280, peakRssMiB = 236, writes = {} }) => ({
  milliseconds: { served: { p99 } },
  processes: [{ peakRssMiB }, { peakRssMiB: 900 }],
  writes: { '{"bucket slot":1,"events":1,"modelroutes/status":3,"pointer":1}': 90, ...writes },
});

const met = (...of: Parameters<typeof run>) => judgeTargets(run(...of)).map((target) => target.met);

describe("a run", () => {
  test("meets its targets in time, memory and writes", () => {
    expect(met({})).toEqual([true, true, true]);
  });

  test.each([
    ["an edit in a hundred takes half a second", { p99: 500 }, [false, true, true]],
    ["the operator takes 245 MiB, which are 257 MB", { peakRssMiB: 245 }, [true, false, true]],
    [
      "an edit has two buckets written",
      { writes: { '{"bucket slot":2}': 1 } },
      [true, true, false],
    ],
    ["an edit has a Service written", { writes: { '{"services":1}': 1 } }, [true, true, false]],
  ])("misses one where %s", (_, figures, expected) => {
    expect(met(figures)).toEqual(expected);
  });

  test("says of each target what was measured", () => {
    expect(judgeTargets(run({ p99: 512.34 })).map(targetLine)).toEqual([
      "target MISSED: p99 until every router serves an edit: 512.3 ms, to be below 500",
      "target met: most memory that the operator ever held (RSS): 247.5 MB, to be below 256",
      "target met: edits that rewrote more than one bucket and the pointer: 0 edits, to be below 1",
    ]);
  });
});
