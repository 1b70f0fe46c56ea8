import { seededRandom } from "../../src/lib/index.ts";
import { drawSeries, key, lookAtLatency, usualWorld } from "./world.ts";

export interface ManySeries {
  looks: number;
  seriesPerLook: number;
  changedPerLook: number;
  /** Of those that did not change, over all looks: alarms, and what would be without the control. */
  falseAlarms: number;
  falseAlarmsUncontrolled: number;
  /** The share of those that changed that was found, likewise. */
  found: number;
  foundUncontrolled: number;
}

/** Looks at many series at once, of which some became slower; days differ by more than usual. */
export function lookAtMany(
  looks: number,
  seriesPerLook: number,
  changedPerLook: number,
  seed: number,
): ManySeries {
  const random = seededRandom(seed);
  const sums = { falseAlarms: 0, falseAlarmsUncontrolled: 0, found: 0, foundUncontrolled: 0 };
  for (let time = 0; time < looks; time += 1) {
    const all = Array.from({ length: seriesPerLook }, (_, index) => {
      const hasChanged = index < changedPerLook;
      const world = { ...usualWorld, daySd: 0.05, factor: hasChanged ? 1.25 : 1 };
      const backend = `${hasChanged ? "slower" : "same"}-${index}`;
      return { ...drawSeries(world, random), key: { ...key, backend } };
    });
    for (const { key: own, state, score, threshold } of lookAtLatency(all, usualWorld.days)) {
      const isBeyond = (score ?? 0) > (threshold ?? Infinity);
      const name = own.backend.startsWith("slower") ? "found" : "falseAlarms";
      if (state === "drifted") sums[name] += 1;
      if (isBeyond) sums[`${name}Uncontrolled`] += 1;
    }
  }
  const changed = Math.max(1, looks * changedPerLook);
  return {
    looks,
    seriesPerLook,
    changedPerLook,
    ...sums,
    found: sums.found / changed,
    foundUncontrolled: sums.foundUncontrolled / changed,
  };
}
