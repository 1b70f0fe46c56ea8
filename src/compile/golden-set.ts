import { createHash } from "node:crypto";
import {
  problemAt,
  readGoldenSet,
  type GoldenCheck,
  type GoldenItem,
  type GoldenSet,
  type Problem,
} from "../api/index.ts";
import { checkGoldenRequest, compileCheck, type CheckedAnswer } from "../judging/index.ts";
import { err, ok, type Result } from "../lib/index.ts";

type JudgeCheck = Extract<GoldenCheck, { judge: unknown }>["judge"];

/** An item whose checks are ready to be made. */
export interface CompiledItem {
  item: GoldenItem;
  /** What its labels are called by: another one once the item, or who judges it, was edited. */
  promptId: string;
  /** All but those by a model. */
  checks: readonly CheckedAnswer[];
  judges: readonly JudgeCheck[];
}

export interface CompiledGoldenSet {
  name: string;
  /** The route whose models judge; null where none is asked to. */
  judge: string | null;
  items: readonly CompiledItem[];
}

/** A golden set that can be replayed, out of its YAML, or everything that is wrong with it. */
export function compileGoldenSet(text: string, file: string): Result<CompiledGoldenSet, Problem[]> {
  const read = readGoldenSet(text, file);
  if (!read.ok) return read;
  const { set, source } = read.value;
  const problems: Problem[] = [];
  const items = set.items.map((item, at) =>
    compileItem(item, set, (path, message) =>
      problems.push(problemAt(["items", at, ...path], source, message)),
    ),
  );
  if (problems.length > 0) return err(problems);
  return ok({ name: set.name, judge: judgeOf(set), items });
}

const judgeOf = ({ judge }: GoldenSet): string | null => judge?.route ?? null;

type Complain = (path: (string | number)[], message: string) => void;

function compileItem(item: GoldenItem, set: GoldenSet, complain: Complain): CompiledItem {
  const asked = checkGoldenRequest(item);
  if (!asked.ok) complain([fieldOf(asked.error.param)], `${asked.error.message}.`);
  const checks: CheckedAnswer[] = [];
  const judges: JudgeCheck[] = [];
  for (const [at, check] of item.checks.entries()) {
    if ("judge" in check) {
      judges.push(check.judge);
      continue;
    }
    const compiled = compileCheck(check);
    if (compiled.ok) checks.push(compiled.value);
    else complain(["checks", at, ...Object.keys(check)], `${compiled.error}.`);
  }
  const judge = judges.length === 0 ? null : judgeOf(set);
  return { item, promptId: promptIdOf(item, set.name, judge), checks, judges };
}

/** Answers to what an item once said, or by another measure, say nothing of those to what it says now. */
function promptIdOf(item: GoldenItem, set: string, judge: string | null): string {
  const text = JSON.stringify({ item, judge });
  const digest = createHash("sha256").update(text).digest("hex").slice(0, 12);
  return `golden:${set}/${item.id}@${digest}`;
}

/** Where the item says what the API calls by this name; the message has the whole path. */
function fieldOf(param: string | null): string {
  const top = /^[a-z_]+/.exec(param ?? "")?.[0] ?? "messages";
  return top.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
