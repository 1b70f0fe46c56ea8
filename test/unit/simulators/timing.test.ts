import { describe, expect, test } from "vitest";

import { simulatedModels } from "../../../src/simulators/index.ts";
import { paceOf, wait } from "../../../src/simulators/pacing.ts";
import { streamFrames } from "../../../src/simulators/bedrock/converse-stream.ts";

describe("first tokens", () => {
  test.each(simulatedModels.map((model) => [model.id, model] as const))(
    "of %s are log-normal about its median",
    (_id, model) => {
      const { firstTokenMedianMs, firstTokenSigma } = model.speed;
      const logarithms = Array.from({ length: 3000 }, (_, ordinal) =>
        Math.log(paceOf(model, 5, ordinal, 0).firstTokenMs / firstTokenMedianMs),
      );
      const mean = logarithms.reduce((sum, value) => sum + value, 0) / logarithms.length;
      const variance =
        logarithms.reduce((sum, value) => sum + (value - mean) ** 2, 0) / logarithms.length;
      expect(Math.abs(mean)).toBeLessThan(0.04);
      expect(Math.abs(Math.sqrt(variance) - firstTokenSigma)).toBeLessThan(0.03);
    },
  );

  test("come later for a longer prompt, and the same for the same call", () => {
    const [model] = simulatedModels;
    if (model === undefined) throw new Error("No model");
    expect(
      paceOf(model, 1, 1, 50_000).firstTokenMs - paceOf(model, 1, 1, 0).firstTokenMs,
    ).toBeCloseTo(1000);
    expect(paceOf(model, 1, 1, 5)).toEqual(paceOf(model, 1, 1, 5));
  });
});

test("frames are due from the first token on, at the model's speed, never before one another", () => {
  const text = "word ".repeat(40).trim();
  const answer = {
    blocks: [{ type: "text", text } as const],
    stopReason: "end_turn",
    usage: {},
    sign: () => undefined,
    extras: {},
  };
  const frames = [...streamFrames(answer, { firstTokenMs: 300, msPerToken: 10 }, () => 0.5)];
  const times = frames.map((frame) => frame.atMs);
  expect(times[0]).toBe(300);
  expect(times).toEqual(times.toSorted((left, right) => left - right));
  expect(times.at(-1)).toBe(300 + 39 * 10);
  expect(frames.reduce((sum, frame) => sum + frame.tokens, 0)).toBe(40);
});

test("a wait ends at once when it is called off, and does not begin when it was before", async () => {
  const controller = new AbortController();
  const waiting = wait(60_000, controller.signal);
  controller.abort(new Error("off"));
  await expect(waiting).rejects.toThrow("off");
  await expect(wait(0, controller.signal)).rejects.toThrow("off");
  await expect(wait(-5, new AbortController().signal)).resolves.toBeUndefined();
});
