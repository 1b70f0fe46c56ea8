import { markup, type Markup, type Piece } from "../../lib/index.ts";
import type { RequestRecord } from "../../records/index.ts";
import type { ConsoleView } from "../console-view.ts";
import type { GroupLook } from "../group/group-look.ts";
import { counted, lasting } from "../hints/in-words.ts";
import { addressOf, type Wish } from "../wish.ts";
import { backendsSection } from "./backends-section.ts";
import { driftSection } from "./drift-section.ts";
import { groupSections } from "./group-sections.ts";
import { hintsSection } from "./hints-section.ts";
import { latencySection } from "./latency-section.ts";
import { ago, facts } from "./pieces.ts";
import { requestSection } from "./request-section.ts";
import { requestsSection } from "./requests-section.ts";
import { routesSection } from "./routes-section.ts";
import { spendSection } from "./spend-section.ts";

/**
 * A whole page, from what was found at one moment.
 *
 * @param hasSession whether there is one to be ended
 */
export function consoleDocument(
  view: ConsoleView,
  requests: readonly RequestRecord[],
  group: GroupLook,
  wish: Wish,
  hasSession = false,
): string {
  const { pod } = view;
  const own = [
    routesSection(view, wish),
    backendsSection(view),
    latencySection(view),
    spendSection(view, wish),
  ];
  const body = [
    header(view, wish, group),
    markup`<main id="main">
`,
    hintsSection(view, wish),
    wish.request === null ? "" : requestSection(requests, wish),
    wish.scope === "group" ? groupSections(group, view) : own,
    driftSection(view),
    requestsSection(requests, wish),
    markup`</main>
`,
    footer(hasSession),
  ];
  return document(`Switchyard · ${pod.namespace}/${pod.routerClass} · ${pod.name}`, body, true);
}

const sections = [
  ["wrong", "Now"],
  ["routes", "Routes"],
  ["backends", "Backends"],
  ["latency", "Latency"],
  ["spend", "Spend"],
  ["drift", "Drift"],
  ["requests", "Requests"],
] as const;

function header(view: ConsoleView, wish: Wish, group: GroupLook): Markup {
  const { pod, table, at } = view;
  const scope = (name: Wish["scope"], text: string): Markup =>
    wish.scope === name
      ? markup`<a href="${addressOf(wish, { scope: name })}" aria-current="page">${text}</a>`
      : markup`<a href="${addressOf(wish, { scope: name })}">${text}</a>`;
  return markup`<header>
<a class="skip" href="#main">To what is wrong now</a>
<div class="title"><h1>Switchyard</h1>
<nav class="scope" aria-label="Whose figures">${scope("pod", "This pod")}${scope("group", group.kind === "off" ? "Whole group (not set up)" : "Whole group")}</nav>
<p class="refresh" role="status" id="refresh" data-at="${at}">As of <time datetime="${new Date(at).toISOString()}">${new Date(at).toISOString().slice(11, 19)} UTC</time></p>
<button id="pause" type="button" data-own hidden>Pause</button></div>
${facts([
  ["Pod", markup`<b>${pod.name}</b>`],
  ["Namespace, class", `${pod.namespace}, ${pod.routerClass}`],
  [
    "Table",
    table === null
      ? "none yet"
      : [
          markup`<code title="${table.digest}">${shortDigest(table.digest)}</code> loaded `,
          ago(table.loadedAt, at),
        ],
  ],
  ["Confirmed by its source", confirmedText(view)],
  [
    "Serves",
    table === null
      ? "–"
      : [
          counted(table.routes, "route"),
          counted(table.backends, "backend"),
          counted(table.tenants, "tenant"),
        ].join(", "),
  ],
  ["Version", pod.version],
  ["Up for", lasting(at - pod.startedAt)],
])}<nav class="sections" aria-label="Sections">${sections.map(([id, text]) => markup`<a href="#${id}">${text}</a>`)}</nav>
</header>
`;
}

const shortDigest = (digest: string): string => digest.replace(/^sha256:/, "").slice(0, 12);

function confirmedText({ table }: ConsoleView): string {
  if (table === null) return "–";
  if (table.unconfirmedMs === null) return "not yet";
  return table.unconfirmedMs < 1_000 ? "now" : `${lasting(table.unconfirmedMs)} ago`;
}

function footer(hasSession: boolean): Markup {
  const logout = hasSession
    ? markup`<form method="post" action="/console/logout" class="logout"><button type="submit">End the session</button></form>
`
    : "";
  return markup`<footer><p class="quiet">Read-only. The same as data: <a href="/console/data.json">data.json</a>, <a href="/console/requests.json">requests.json</a>. Nothing here tells what requests or answers say.</p>
${logout}</footer>
`;
}

/** @param refreshes whether the page keeps itself up to date */
export function document(title: string, body: Piece, refreshes: boolean): string {
  const script = refreshes
    ? markup`<script type="module" src="/console/refresh.js"></script>
`
    : "";
  return `<!doctype html>\n${
    markup`<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="/console/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/console/style.css">
${script}</head>
<body>
${body}</body>
</html>
`.text
  }`;
}
