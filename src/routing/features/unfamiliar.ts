import { denseNames, type DenseName } from "./dense.ts";

/** The features whose absence from the training data a classifier must know of. */
const watched = [
  "foreign_letters",
  "cut",
  "earlier_turns",
  "tools",
  "images",
] as const satisfies readonly DenseName[];

export type Watched = (typeof watched)[number];

/** The most of each that the training data held: what goes beyond is unknown, whatever the weights say. */
export type Support = Readonly<Record<Watched, number>>;

const places: Readonly<Record<Watched, number>> = {
  foreign_letters: denseNames.indexOf("foreign_letters"),
  cut: denseNames.indexOf("cut"),
  earlier_turns: denseNames.indexOf("earlier_turns"),
  tools: denseNames.indexOf("tools"),
  images: denseNames.indexOf("images"),
};

/** @param seen dense features of the training data */
export function supportOf(seen: Iterable<Float32Array>): Support {
  const most = { foreign_letters: 0, cut: 0, earlier_turns: 0, tools: 0, images: 0 };
  for (const dense of seen) {
    for (const name of watched) most[name] = Math.max(most[name], dense[places[name]] ?? 0);
  }
  return most;
}

const none: readonly Watched[] = [];

/** What of a question the training data never held; nearly always nothing. */
export function unfamiliarIn(dense: Float32Array, support: Support): readonly Watched[] {
  let found: Watched[] | undefined;
  for (const name of watched) {
    if ((dense[places[name]] ?? 0) > support[name]) (found ??= []).push(name);
  }
  return found ?? none;
}
