import type { Severity } from "../vocabulary/severity.ts";

/** The way to a field: names of members and indices of items. */
export type Path = readonly (string | number)[];

/** Something wrong in one file or resource, for the person who wrote it. */
export interface Problem {
  severity: Severity;
  file?: string;
  /** Counted from 1. */
  line?: number;
  /** Such as `spec.candidates[1].backend.name`; empty for the document as a whole. */
  path: string;
  /** A sentence that says what is wrong and what to do. */
  message: string;
}

/** `spec.candidates[1].backend.name`; members that are no plain names are quoted, `metadata.labels["a/b"]`. */
export function pathText(path: Path): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else if (!/^[A-Za-z_$][\w$-]*$/.test(step)) text += `[${JSON.stringify(step)}]`;
    else text += text === "" ? step : `.${step}`;
  }
  return text;
}

/** What `pathText` makes text of. */
export function pathOf(text: string): Path {
  const steps = text.matchAll(/\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]|([^.[\]]+)/g);
  return [...steps].map(([, index, quoted, name = ""]) => {
    if (index !== undefined) return Number(index);
    return quoted === undefined ? name : String(JSON.parse(quoted));
  });
}

/** `routes.yaml:12: spec.baseline: Name one of the candidates…`, as compilers write it. */
export function problemText(problem: Problem): string {
  const line = problem.line === undefined ? "" : `:${problem.line}`;
  const place = problem.file === undefined ? [] : [`${problem.file}${line}`];
  const field = problem.path === "" ? [] : [problem.path];
  const mark = problem.severity === "Warning" ? ["warning"] : [];
  return [...place, ...mark, ...field, problem.message].join(": ");
}
