// Documents for people: tables of figures as Markdown and in pages, charts as SVG, and a page that needs
// nothing from anywhere, light and dark. It knows neither what the figures are of nor who asks for them.
export { chart, type Chart, type Series } from "./chart.ts";
export { captioned, markdownTable, type DataTable } from "./data-table.ts";
export { dataTable, figure, page } from "./page.ts";
export { area, round, scaleOf, whole, type Axis, type Scale } from "./scale.ts";
