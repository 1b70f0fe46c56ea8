import { describe, expect, it } from "vitest";
import { judgeEnvelope } from "../../../../src/drift/report/envelope.ts";
import { series } from "./samples.ts";

describe("the envelope of a route", () => {
  it("that has no bounds is not judged", () => {
    expect(judgeEnvelope({}, [series([1])])).toBeNull();
  });

  it.each([
    [{ totalP95Ms: 5_000 }, "ok"],
    [{ totalP95Ms: 800 }, "drifted"],
    // A first token has not been measured at all.
    [{ firstTokenP95Ms: 800 }, "insufficient"],
    // One bound that is missed is enough.
    [{ firstTokenP95Ms: 800, totalP95Ms: 800 }, "drifted"],
    [{ firstTokenP95Ms: 800, totalP95Ms: 5_000 }, "ok"],
  ])("of %j is %s where answers take a second", (envelope, state) => {
    expect(judgeEnvelope(envelope, [series([null, 1])])?.state).toBe(state);
  });

  it("is judged by the newest window alone", () => {
    expect(judgeEnvelope({ totalP95Ms: 2_000 }, [series([9, 9, 1])])?.state).toBe("ok");
    expect(judgeEnvelope({ totalP95Ms: 2_000 }, [series([1, 1, 9])])?.state).toBe("drifted");
    expect(judgeEnvelope({ totalP95Ms: 2_000 }, [series([1, 9, null])])?.state).toBe(
      "insufficient",
    );
  });

  it("is judged over all backends together, as clients see it", () => {
    const quick = series([1], { backend: "quick", count: 9_900 });
    const slow = series([30], { backend: "slow", count: 100 });
    expect(judgeEnvelope({ totalP95Ms: 2_000 }, [quick, slow])?.state).toBe("ok");
    expect(judgeEnvelope({ totalP95Ms: 2_000 }, [slow])?.state).toBe("insufficient");
    const often = series([30], { backend: "slow", count: 1_000 });
    expect(judgeEnvelope({ totalP95Ms: 2_000 }, [quick, often])?.state).toBe("drifted");
  });

  it("is missed in USD too", () => {
    const cost = series([0.05], { signal: "cost" });
    expect(judgeEnvelope({ maxMicroUsd: 10_000 }, [cost])).toMatchObject({
      state: "drifted",
      sentence: expect.stringContaining("$0.01 a request") as string,
    });
  });
});
