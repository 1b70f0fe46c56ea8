import { markup, type Markup } from "../../lib/index.ts";
import type { ConsoleView, Hint, Severity } from "../console-view.ts";
import { counted, percent, theLast } from "../hints/in-words.ts";
import { addressOf, type Wish } from "../wish.ts";
import { chip, section, type Tone } from "./pieces.ts";

const words: Readonly<Record<Severity, string>> = {
  urgent: "Urgent",
  warning: "Warning",
  notice: "Notice",
};

/** What an on-call person should look at first. */
export function hintsSection(view: ConsoleView, wish: Wish): Markup {
  const { hints } = view;
  const body =
    hints.length === 0
      ? markup`<p class="all-well">${chip("good", "Nothing stands out.")} ${traffic(view)}</p>
`
      : markup`<p class="quiet">${summary(hints)} ${traffic(view)}</p>
<ol class="hints">
${hints.map((each) => item(each, wish))}</ol>
`;
  const whose = wish.scope === "group" ? ", as this router sees it" : "";
  return section("wrong", `What is wrong now${whose}`, body);
}

function summary(hints: readonly Hint[]): string {
  const counts = (["urgent", "warning", "notice"] as const)
    .map((severity) => ({
      severity,
      count: hints.filter((each) => each.severity === severity).length,
    }))
    .filter(({ count }) => count > 0);
  return `${counts.map(({ severity, count }) => (severity === "urgent" ? `${count} urgent` : counted(count, severity))).join(", ")}.`;
}

function traffic({ overall }: ConsoleView): string {
  const { requests, overMs, failedShare, limitedShare, perSecond } = overall;
  const window = theLast(overMs);
  if (requests === 0) return `This router has served no request in ${window}.`;
  const failed = failedShare === 0 ? "none failed" : `${percent(failedShare ?? 0)} failed`;
  const limited = (limitedShare ?? 0) === 0 ? "" : `, ${percent(limitedShare ?? 0)} got 429`;
  const rate = perSecond.toFixed(perSecond < 10 ? 1 : 0);
  return `${counted(requests, "request")} in ${window} (${rate} a second), ${failed}${limited}.`;
}

function item(hint: Hint, wish: Wish): Markup {
  const { severity, code, sentence, advice, route, backend, tenant } = hint;
  const tone: Tone = severity;
  const links = [
    route === null
      ? ""
      : markup` <a href="${addressOf(wish, { filter: { route, tenant: "", id: "", outcome: "unplanned" } }, "#requests")}">requests of ${route}</a>`,
    tenant === null
      ? ""
      : markup` <a href="${addressOf(wish, { filter: { tenant, route: "", id: "", outcome: "any" } }, "#requests")}">requests of ${tenant}</a>`,
    backend === null ? "" : markup` <a href="#backends">state of ${backend}</a>`,
  ];
  return markup`<li class="${severity}" data-key="${code} ${route ?? ""} ${backend ?? ""} ${tenant ?? ""} ${sentence.slice(0, 40)}" data-code="${code}">${chip(tone, words[severity])} <strong>${sentence}.</strong> <span class="advice">${advice}.${links}</span></li>
`;
}
