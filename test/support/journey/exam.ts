// Questions whose right answers are known, and what the simulated models make of them: a world in which it
// can be checked from outside whether a plan keeps what its certificate says.
import { hashText, seededRandom } from "../../../src/lib/index.ts";
import {
  goldenPrompts,
  simulatedModels,
  type GoldenPrompt,
} from "../../../src/simulators/index.ts";
import { answersRightly } from "../../../src/simulators/mind/skill.ts";
import { models } from "../local-resources.ts";

/** From the cheapest to the baseline. */
export const candidates = ["micro", "haiku", "sonnet"] as const;
export const baseline = "sonnet";

/** What simulators are started with where nothing else is said. */
const simulatorSeed = 1;

export type Mix = "easy" | "hard";

/** Micro gets nearly all of the one kind right, and nearly none of the other. */
const isOf: Record<Mix, (question: GoldenPrompt) => boolean> = {
  easy: ({ difficulty }) => difficulty < 0.3,
  hard: ({ difficulty }) => difficulty >= 0.5,
};
const rest: Record<Mix, Mix> = { easy: "hard", hard: "easy" };
const mainly = 0.9;

const pool = goldenPrompts(8, 6_000);
const parts = { training: [0, 2_000], golden: [2_000, 2_200], traffic: [2_200, 6_000] } as const;

/** Questions of all difficulties; no question is of two parts. */
export const questionsFor = (part: keyof typeof parts): readonly GoldenPrompt[] =>
  pool.slice(...parts[part]);

/** What one tenant asks: nine of ten questions are of the one kind. */
export function questionsOf(mix: Mix): Generator<GoldenPrompt, never, void> {
  const random = seededRandom(hashText(mix));
  const traffic = questionsFor("traffic");
  const kinds = { easy: traffic.filter(isOf.easy), hard: traffic.filter(isOf.hard) };
  const places = { easy: 0, hard: 0 };
  return (function* () {
    for (;;) {
      const kind = random() < mainly ? mix : rest[mix];
      const some = kinds[kind];
      const question = some[places[kind]++ % some.length];
      if (question !== undefined) yield question;
    }
  })();
}

/** Whether the answer holds the right one as a word of its own. */
export function isRight({ expected }: GoldenPrompt, answer: string): boolean {
  const words = answer.replace(/\.$/, "").split(/\s+/);
  return words.includes(expected);
}

/** What a candidate makes of a question while its skill is what it is. */
export function knows(name: (typeof candidates)[number], { prompt }: GoldenPrompt): boolean {
  const played = simulatedModels.find(({ id }) => id === models[name]);
  if (played === undefined) throw new Error(`No simulator plays ${name}`);
  return answersRightly(simulatorSeed, played.id, played.skill, prompt);
}
