import type { DataTable } from "./data-table.ts";
import { markup, Markup, type Piece } from "../lib/index.ts";

/** A table that scrolls by itself where a screen is too narrow for it. */
export function dataTable({ caption, head, rows }: DataTable): Markup {
  const row = ([first = "", ...told]: readonly string[]): Markup => {
    const rest = head.slice(1).map((_, column) => told[column] ?? "");
    return markup`<tr><th scope="row">${first}</th>${rest.map((cell) => markup`<td>${cell}</td>`)}</tr>
`;
  };
  return markup`<div class="scroll" role="region" aria-label="${caption}" tabindex="0"><table><caption>${caption}</caption>
<thead><tr>${head.map((name) => markup`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>
${rows.map(row)}</tbody></table></div>
`;
}

/** A drawing with its figures beside it, or below it where the screen is narrow. */
export function figure(drawing: Markup, table: DataTable): Markup {
  return markup`<div class="pair"><figure>${drawing}</figure>${dataTable(table)}</div>
`;
}

/** A whole document that needs nothing from anywhere, and no script. */
export function page(title: string, body: Piece): string {
  const head = markup`<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
<style>${new Markup(style)}</style>`;
  return `<!doctype html>\n${
    markup`<html lang="en">
<head>
${head}
</head>
<body>
<main>
<h1>${title}</h1>
${body}</main>
</body>
</html>
`.text
  }`;
}

const style = `
:root {
  --ground: #ffffff; --raised: #f5f6f8; --text: #1b1f24; --quiet: #57606a; --rule: #d5d9de;
  --look-1: #6b7280; --look-2: #b45309; --look-3: #047857; --look-4: #0369a1; --look-5: #6d28d9; --look-6: #be123c;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14171b; --raised: #1e2328; --text: #e6e9ed; --quiet: #9aa4af; --rule: #363d45;
    --look-1: #9ca3af; --look-2: #f59e0b; --look-3: #34d399; --look-4: #38bdf8; --look-5: #b794f6; --look-6: #fb7185;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 76rem; margin: 0 auto; padding: 1rem clamp(0.75rem, 3vw, 2rem) 3rem; }
h1 { font-size: 1.6rem; line-height: 1.25; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 0.5rem; padding-top: 1rem; border-top: 1px solid var(--rule); }
h3 { font-size: 1.05rem; margin: 1.75rem 0 0.5rem; }
p { max-width: 46rem; margin: 0.5rem 0; }
.quiet { color: var(--quiet); }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: 0.75rem; margin: 1rem 0; padding: 0; list-style: none; }
.tiles li { background: var(--raised); border-radius: 0.5rem; padding: 0.75rem 1rem; }
.tiles b { display: block; font-size: 1.6rem; line-height: 1.2; font-variant-numeric: tabular-nums; }
.tiles span { display: block; color: var(--quiet); font-size: 0.875rem; }
.pair { display: grid; grid-template-columns: minmax(0, 1fr); gap: 1rem; align-items: start; }
@media (min-width: 64rem) { .pair { grid-template-columns: minmax(0, 4fr) minmax(0, 6fr); gap: 1.5rem; } }
.twins { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); gap: 1.5rem; align-items: start; }
figure { margin: 0; max-width: 40rem; }
.chart { display: block; width: 100%; height: auto; }
.chart text { font-family: inherit; fill: var(--quiet); font-size: 11px; }
.chart .axis { fill: var(--text); font-size: 12px; }
.grid { stroke: var(--rule); stroke-width: 0.6; }
.line { fill: none; stroke-width: 2; stroke-linejoin: round; }
.mark { stroke: var(--ground); stroke-width: 0.8; }
.whisker { stroke: var(--quiet); stroke-width: 1.6; }
.floor { stroke: var(--look-6); stroke-width: 1.4; stroke-dasharray: 5 3; }
.line.look-1 { stroke: var(--look-1); stroke-dasharray: 6 4; } .mark.look-1 { fill: var(--look-1); }
.line.look-2 { stroke: var(--look-2); stroke-dasharray: 2 3; } .mark.look-2 { fill: var(--look-2); }
.line.look-3 { stroke: var(--look-3); stroke-dasharray: 8 3 2 3; } .mark.look-3 { fill: var(--look-3); }
.line.look-4 { stroke: var(--look-4); } .mark.look-4 { fill: var(--look-4); }
.line.look-5 { stroke: var(--look-5); stroke-width: 2.6; } .mark.look-5 { fill: var(--look-5); }
.line.look-6 { stroke: var(--look-6); } .mark.look-6 { fill: var(--look-6); }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; margin: 0.25rem 0 0; padding: 0; font-size: 0.875rem; }
.legend svg { vertical-align: middle; }
.scroll { overflow-x: auto; max-width: 100%; }
.scroll:focus-visible { outline: 2px solid var(--look-4); outline-offset: 2px; }
table { border-collapse: collapse; min-width: min(100%, 24rem); font-size: 0.8125rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--quiet); padding-bottom: 0.35rem; }
th, td { padding: 0.3rem 0 0.3rem 0.8rem; border-bottom: 1px solid var(--rule); text-align: right; white-space: nowrap; }
th:first-child { text-align: left; white-space: normal; padding-left: 0; min-width: 7.5rem; }
thead th { color: var(--quiet); font-weight: 600; vertical-align: bottom; white-space: normal; }
tbody th { font-weight: 500; }
@media print { .pair, .twins { break-inside: avoid; } }
`;
