import { markup, type Markup } from "../lib/index.ts";

/** Values along one axis of a chart, and where in the drawing they come. */
export interface Scale {
  place(value: number): number;
  ticks: readonly number[];
}

/** @param to where `from` and `until` of the values come, in units of the drawing */
export function scaleOf(
  [from, until]: readonly [number, number],
  to: readonly [number, number],
  step: number,
): Scale {
  const ticks: number[] = [];
  for (let tick = Math.ceil(from / step - 1e-9); tick * step <= until + 1e-9; tick += 1) {
    ticks.push(tick * step);
  }
  const factor = (to[1] - to[0]) / (until - from);
  return { place: (value) => round(to[0] + (value - from) * factor), ticks };
}

/** A hundredth of a unit is less than anybody sees, and keeps pages small. */
export const round = (value: number): number => Math.round(value * 100) / 100;

/** Inside of the axes, in units of the drawing. */
export const area = {
  left: 44,
  right: 408,
  top: 12,
  bottom: 248,
  width: 420,
  height: 292,
} as const;

export interface Axis {
  scale: Scale;
  label: string;
  /** How a tick is written. */
  write: (value: number) => string;
}

/** Grid, ticks and the axes' names. */
export function axes(x: Axis, y: Axis): Markup[] {
  const middle = (area.top + area.bottom) / 2;
  return [
    ...y.scale.ticks.map((tick) => {
      const at = y.scale.place(tick);
      return markup`<line class="grid" x1="${area.left}" x2="${area.right}" y1="${at}" y2="${at}"/><text class="tick" x="${area.left - 5}" y="${at + 4}" text-anchor="end">${y.write(tick)}</text>`;
    }),
    ...x.scale.ticks.map((tick) => {
      const at = x.scale.place(tick);
      return markup`<line class="grid" x1="${at}" x2="${at}" y1="${area.top}" y2="${area.bottom}"/><text class="tick" x="${at}" y="${area.bottom + 16}" text-anchor="middle">${x.write(tick)}</text>`;
    }),
    markup`<text class="axis" x="${(area.left + area.right) / 2}" y="${area.height - 8}" text-anchor="middle">${x.label}</text>`,
    markup`<text class="axis" x="12" y="${middle}" text-anchor="middle" transform="rotate(-90 12 ${middle})">${y.label}</text>`,
  ];
}

/** A tick in whole per cents. */
export const whole = (share: number): string => String(Math.round(100 * share));
