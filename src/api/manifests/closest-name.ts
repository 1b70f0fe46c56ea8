/** The name that was probably meant: equal but for case, or a slip or two away. */
export function closestName(wrong: string, known: readonly string[]): string | undefined {
  const lower = wrong.toLowerCase().slice(0, 64);
  const allowance = lower.length <= 4 ? 1 : 2;
  let best: { name: string; distance: number } | undefined;
  for (const name of known) {
    const distance = editDistance(lower, name.toLowerCase());
    if (distance <= allowance && distance < (best?.distance ?? Infinity)) best = { name, distance };
  }
  return (
    best?.name ?? known.find((name) => lower.length >= 4 && name.toLowerCase().startsWith(lower))
  );
}

/** How many letters must be put in, taken out or replaced (Levenshtein). */
function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...left].entries()) {
    const next = [index + 1];
    for (const [column, other] of [...right].entries()) {
      const replaced = (row[column] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
