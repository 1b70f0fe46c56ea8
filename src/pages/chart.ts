import { markup, type Markup } from "../lib/index.ts";
import { area, axes, type Axis } from "./scale.ts";

export interface Series {
  name: string;
  /** Its colour and dash: 1 to 6. */
  look: number;
  /** Joined by lines, or marks alone. */
  isLine: boolean;
  points: readonly { x: number; y: number; told: string }[];
}

export interface Chart {
  /** Of the page, for the references between its parts; letters and hyphens. */
  id: string;
  title: string;
  /** What one would say who sees it to one who does not. */
  description: string;
  x: Axis;
  y: Axis;
  series: readonly Series[];
}

/** A drawing of lines and marks with its legend. What lies outside the axes is cut off. */
export function chart({ id, title, description, x, y, series }: Chart): Markup {
  const box = markup`<rect x="${area.left}" y="${area.top}" width="${area.right - area.left}" height="${area.bottom - area.top}"/>`;
  return markup`<svg class="chart" viewBox="0 0 ${area.width} ${area.height}" role="img" aria-labelledby="${id}-title ${id}-desc">
<title id="${id}-title">${title}</title><desc id="${id}-desc">${description}</desc>
<clipPath id="${id}-clip">${box}</clipPath>
${axes(x, y)}
<g clip-path="url(#${id}-clip)">${series.map((each) => drawn(each, x, y))}</g>
</svg>
<ul class="legend">${series.map(legendOf)}</ul>`;
}

function drawn({ look, isLine, points }: Series, x: Axis, y: Axis): Markup[] {
  const placed = points.map((point) => ({
    across: x.scale.place(point.x),
    down: y.scale.place(point.y),
    told: point.told,
  }));
  const path = placed.map(({ across, down }) => `${across},${down}`).join(" ");
  const line = isLine ? [markup`<polyline class="line look-${look}" points="${path}"/>`] : [];
  const radius = isLine ? 1.6 : 4.5;
  return [
    ...line,
    ...placed.map(
      ({ across, down, told }) =>
        markup`<circle class="mark look-${look}" cx="${across}" cy="${down}" r="${radius}"><title>${told}</title></circle>`,
    ),
  ];
}

function legendOf({ name, look, isLine }: Series): Markup {
  const sample = isLine
    ? markup`<line class="line look-${look}" x1="1" x2="27" y1="6" y2="6"/>`
    : markup`<circle class="mark look-${look}" cx="14" cy="6" r="4.5"/>`;
  return markup`<li><svg viewBox="0 0 28 12" width="28" height="12" aria-hidden="true">${sample}</svg> ${name}</li>`;
}
