import type { ConditionType, Finding, Reason } from "../../api/index.ts";
import { findingsOn, messageOf } from "./findings-text.ts";
import type { Standing } from "./standing.ts";

/** A condition without its times. */
export interface Judgement {
  type: ConditionType;
  status: "True" | "False";
  reason: Reason;
  message: string;
}

export interface Judged {
  findings: readonly Finding[];
  /** One for each group that needs the resource. */
  standings: readonly Standing[];
  /** The text as it is now is what was compiled into tables, not an earlier form or a denial. */
  isTextCompiled: boolean;
  /** What nobody needs where no group does: "No route names the backend". */
  unused: string;
}

type Judge = (judged: Judged) => Judgement;

export const judgeAccepted: Judge = ({ findings }) => {
  const refusals = findingsOn(findings, "Accepted", "False");
  const [first] = refusals;
  if (first !== undefined) return no("Accepted", first.reason, messageOf(refusals));
  const warnings = findingsOn(findings, "Accepted", "True");
  const [warning] = warnings;
  return warning === undefined
    ? yes("Accepted", "Accepted", "The resource is valid and is used.")
    : yes("Accepted", warning.reason, messageOf(warnings));
};

export const judgeResolvedRefs: Judge = ({ findings }) => {
  const missing = findingsOn(findings, "ResolvedRefs", "False");
  const [first] = missing;
  return first === undefined
    ? yes("ResolvedRefs", "ResolvedRefs", "Everything that the resource refers to exists.")
    : no("ResolvedRefs", first.reason, messageOf(missing));
};

/** Whether every ready router of every group concerned serves this generation. */
export const judgeProgrammed: Judge = (judged) => {
  const { standings, isTextCompiled, unused } = judged;
  if (standings.length === 0) {
    return no("Programmed", isRefused(judged) ? "NotProgrammed" : "Unused", unused);
  }
  if (!isTextCompiled) return no("Programmed", "NotProgrammed", notCompiled(judged));
  for (const standing of standings) {
    const found = shortfall(standing);
    if (found !== undefined) return found;
  }
  return yes("Programmed", "Programmed", standings.map(tally).join(" "));
};

/** Whether the resource does its work somewhere already, in this form or an earlier one. */
export const judgeReady: Judge = (judged) => {
  const { findings, standings, unused } = judged;
  const hindrances = findingsOn(findings, "Ready", "False");
  const [hindrance] = hindrances;
  if (hindrance !== undefined) return no("Ready", hindrance.reason, messageOf(hindrances));
  const earlier = findingsOn(findings, "Ready", "True");
  const absent = standings.some(({ isPublished }) => !isPublished);
  if (isRefused(judged) && (standings.length === 0 || absent) && earlier.length === 0) {
    return no("Ready", "NotAccepted", "The resource is not accepted, and nothing serves it.");
  }
  // Nothing is asked of it, so nothing is amiss: whoever waits for all resources must not wait here.
  if (standings.length === 0) return yes("Ready", "Ready", unused);
  const idle = standings.find(({ serving }) => serving === 0);
  if (idle !== undefined) return no("Ready", "NotServing", notServing(idle, earlier));
  const [form] = earlier;
  return form === undefined
    ? yes("Ready", "Ready", standings.map(served).join(" "))
    : yes("Ready", form.reason, messageOf(earlier));
};

export const isRefused = ({ findings }: Pick<Judged, "findings">): boolean =>
  findingsOn(findings, "Accepted", "False").length > 0;

const yes = (type: ConditionType, reason: Reason, message: string): Judgement => ({
  type,
  status: "True",
  reason,
  message,
});

const no = (type: ConditionType, reason: Reason, message: string): Judgement => ({
  type,
  status: "False",
  reason,
  message,
});

function notCompiled({ findings, standings }: Judged): string {
  const why = [...findingsOn(findings, "Ready", "False"), ...findingsOn(findings, "Ready", "True")];
  const told = why.length > 0 ? messageOf(why) : "This generation is not accepted.";
  return `${told} ${standings.map(tally).join(" ")}`;
}

/** What a group lacks of serving this generation; undefined where it lacks nothing. */
function shortfall(standing: Standing): Judgement | undefined {
  const { routerClass, isPending, ready, programmed, trouble, refusals } = standing;
  if (isPending) {
    const message = trouble?.message ?? `The table of class ${routerClass} is not published yet.`;
    return no("Programmed", "NotPublished", message);
  }
  if (ready === 0) {
    const why = trouble === undefined ? "" : ` ${trouble.message}`;
    const reason = trouble?.reason ?? "NotProgrammed";
    return no("Programmed", reason, `No router of class ${routerClass} is ready.${why}`);
  }
  if (programmed === ready) return undefined;
  return no("Programmed", "NotProgrammed", [tally(standing), ...refusals].join(" "));
}

function tally({ routerClass, ready, programmed, trouble }: Standing): string {
  const why = trouble === undefined ? "" : ` ${trouble.message}`;
  return `${programmed} of ${ready} ready routers of class ${routerClass} have the published form.${why}`;
}

const served = ({ routerClass, serving }: Standing): string =>
  `${serving} ready ${serving === 1 ? "router" : "routers"} of class ${routerClass} ${serving === 1 ? "serves" : "serve"} it.`;

function notServing({ routerClass, ready, isPublished }: Standing, earlier: Finding[]): string {
  if (!isPublished && earlier.length > 0) return messageOf(earlier);
  return ready === 0
    ? `No router of class ${routerClass} is ready.`
    : `None of the ${ready} ready routers of class ${routerClass} has loaded it yet.`;
}
