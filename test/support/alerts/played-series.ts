// Series in promtool's notation, written as what happens in each phase of a story.

/** Minutes, and by how much a counter grows in each of their steps; of a gauge the value that it has. */
export type Phase = readonly [minutes: number, perStep: number];

export const stepSeconds = 15;
const stepsOf = (minutes: number): number => Math.round((minutes * 60) / stepSeconds);

/** A counter from 0 on. */
export function counter(...phases: readonly Phase[]): string {
  let value = 0;
  const pieces = phases.map(([minutes, perStep]) => {
    const first = value + perStep;
    const steps = stepsOf(minutes);
    value += perStep * steps;
    return `${first}+${perStep}x${steps - 1}`;
  });
  return `0 ${pieces.join(" ")}`;
}

/** A gauge that keeps a value in each phase. */
export const gauge = (...phases: readonly Phase[]): string => {
  const [first] = phases;
  return [
    first?.[1] ?? 0,
    ...phases.map(([minutes, value]) => `${value}+0x${stepsOf(minutes) - 1}`),
  ].join(" ");
};
