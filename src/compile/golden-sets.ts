import type { Finding } from "../api/index.ts";
import { compileGoldenSet } from "./golden-set.ts";
import type { Held } from "./held-config-maps.ts";
import { judge } from "./judgement.ts";
import { onceEach } from "./once-each.ts";

/** As many problems of one set as a person reads. */
const maxProblems = 20;

const setOf = onceEach(({ content, metadata }: Held["configMap"]) =>
  compileGoldenSet(content, metadata.name),
);

/** What is wrong with golden sets: no table holds them, and whoever wrote them wants to know all the same. */
export function judgeGoldenSets(held: readonly Held[]): Finding[] {
  return held.flatMap(({ ref, configMap, path, isSound }) => {
    const set = isSound ? setOf(configMap) : undefined;
    if (set === undefined || set.ok) return [];
    return set.error.slice(0, maxProblems).map((problem) => {
      const line = problem.line === undefined ? "" : `, line ${problem.line}`;
      const field = problem.path === "" ? "" : `${problem.path}: `;
      const message = `The golden set of ConfigMap ${ref.name}${line}: ${field}${problem.message}`;
      return judge("Invalid", ref, message, path);
    });
  });
}
