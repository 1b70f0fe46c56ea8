import { seededRandom } from "../../src/lib/index.ts";
import type { LabelledPrompt, TierMenu } from "../../src/policy/index.ts";

export const syntheticMenu: TierMenu = {
  tiers: ["Small", "Medium", "Frontier"],
  models: { made: ["little", "middle", "great"] },
  usdPerMTok: [
    [0.1, 0.2],
    [0.5, 1],
    [3, 15],
  ],
};

/** Words that tell how hard a question is, and words that tell nothing. */
const telling = {
  easy: ["greet", "thank", "spell", "repeat"],
  hard: ["prove", "derive", "integrate", "bound"],
};
const idle = ["the", "a", "of", "with", "this", "please", "number", "line", "case", "word"];

/** By ease of the question, then by tier; the spare model is as good as the middle one. */
const chances = { easy: [0.92, 0.94, 0.95], hard: [0.15, 0.5, 0.9] } as const;

/**
 * Prompts of a made-up world, the same for the same seed: half of them easy, where every tier does, and
 * half hard, where only the strongest does. On the route "mixed" both come, on "proofs" hard ones more.
 */
export function syntheticLabels(count: number, seed = 1): LabelledPrompt[] {
  const random = seededRandom(seed);
  const one = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)]!;
  return Array.from({ length: count }, (_, index) => {
    const route = random() < 0.5 ? "mixed" : "proofs";
    const kind = random() < (route === "mixed" ? 0.3 : 0.7) ? "hard" : "easy";
    const words = Array.from({ length: 10 }, (__, at) =>
      at % 3 === 0 ? one(telling[kind]) : one(idle),
    );
    const correct = chances[kind].map((chance) => (random() < chance ? 1 : 0));
    const spare = random() < chances[kind][1] ? 1 : 0;
    const [little = 0, middle = 0, great = 0] = correct;
    const outputTokens = [100, 120, 150].map((usual) => usual * (kind === "hard" ? 3 : 1));
    return {
      id: `p${index}`,
      source: "made",
      route,
      text: `${words.join(" ")} ${index}`,
      correct,
      outputTokens,
      costUsd: syntheticMenu.usdPerMTok.map(
        ([input, output], tier) => (20 * input + outputTokens[tier]! * output) / 1e6,
      ),
      judged: { little, middle, great, spare },
    };
  });
}

/** The same as lines of a data file. */
export function syntheticLines(prompts: readonly LabelledPrompt[]): string {
  const lines = prompts.map(({ id, source, route, text, judged, outputTokens }) =>
    JSON.stringify({
      id,
      bench: source,
      route,
      prompt: text,
      inTok: 20,
      models: Object.fromEntries(
        Object.entries(judged).map(([name, right], tier) => [
          name,
          { ok: right, out: outputTokens[tier] ?? 100 },
        ]),
      ),
    }),
  );
  return `${lines.join("\n")}\n`;
}
