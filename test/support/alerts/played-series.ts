// Series in promtool's notation, written as what happens in each phase of a story.

/** Minutes, and by how much a counter grows in each of their steps; of a gauge the value that it has. */
export type Phase = readonly [minutes: number, perStep: number];

const defaultStepSeconds = 15;

/** What plays series with so many seconds between two samples. */
export function playedWith(stepSeconds: number) {
  const stepsOf = (minutes: number): number => Math.round((minutes * 60) / stepSeconds);
  return {
    /** A counter from 0 on. */
    counter: (...phases: readonly Phase[]): string => {
      let value = 0;
      const pieces = phases.map(([minutes, perStep]) => {
        const first = value + perStep;
        const steps = stepsOf(minutes);
        value += perStep * steps;
        return `${first}+${perStep}x${steps - 1}`;
      });
      return `0 ${pieces.join(" ")}`;
    },
    /** A gauge that keeps a value in each phase. */
    gauge: (...phases: readonly Phase[]): string => {
      const pieces = phases.map(([minutes, value]) => `${value}+0x${stepsOf(minutes) - 1}`);
      return `${phases[0]?.[1] ?? 0} ${pieces.join(" ")}`;
    },
    /** A series that is not there for some minutes, then what is given. */
    absentFor: (minutes: number, then: string): string => `_x${stepsOf(minutes)} ${then}`,
    /** A gauge that is not scraped any more after some minutes. */
    goneAfter: (minutes: number, value: number): string => `${value}+0x${stepsOf(minutes)} stale`,
  };
}

export const { counter, gauge, absentFor, goneAfter } = playedWith(defaultStepSeconds);
