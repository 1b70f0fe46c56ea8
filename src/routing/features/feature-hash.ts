import { hashText } from "../../lib/index.ts";
import { FeatureVector } from "./feature-vector.ts";
import { Featuriser } from "./featuriser.ts";
import { plainQuestion, type Question } from "./question.ts";

/** Between them they touch every rule of the featuriser. */
const probes: readonly Question[] = [
  plainQuestion(""),
  plainQuestion("What is 12 + 30.5?\n\tA. 42.5  B. 43"),
  plainQuestion("Prove that \\sum_{k=1}^{n} k = n(n+1)/2 for all n ≥ 1; α < β."),
  plainQuestion("function add(a, b) { return `${a_b}`; }"),
  plainQuestion("Wie heißt die Hauptstadt? 日本の首都は？ Столица России…"),
  { text: "Book it", earlierTurns: 3, tools: 2, schemaCharacters: 900, images: 1 },
  plainQuestion("long ".repeat(700)),
  // So many words that some meet in a slot.
  plainQuestion(
    Array.from({ length: 400 }, (_, word) => hashText(`${word}`).toString(36)).join(" "),
  ),
];

let known: string | undefined;

/**
 * Names what the featuriser makes of a question: weights fitted to other features mean nothing. It is
 * taken of the features themselves, so that it cannot be forgotten when one of them changes.
 */
export function featureHash(): string {
  known ??= hashOfProbes();
  return known;
}

function hashOfProbes(): string {
  const featuriser = new Featuriser();
  const vector = new FeatureVector();
  const parts: string[] = [];
  for (const probe of probes) {
    featuriser.featurise(probe, vector);
    const sparse = vector.slots.subarray(0, vector.count).join(",");
    // Rounded: the last bit of a logarithm is the engine's affair.
    const values = Array.from(vector.values.subarray(0, vector.count), (value) => value.toFixed(5));
    const dense = Array.from(vector.dense, (value) => value.toFixed(5));
    parts.push(sparse, values.join(","), dense.join(","));
  }
  return hashText(parts.join(";")).toString(16).padStart(8, "0");
}
