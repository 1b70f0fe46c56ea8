import type { CompiledGoldenSet, CompiledItem } from "../../compile/index.ts";
import { goldenRequest } from "../../judging/index.ts";
import type { LabelRecord, RecordSink } from "../../records/index.ts";
import type { StoredModel } from "../model-store.ts";
import { UsageError } from "../usage-error.ts";
import type { AdminPort, Replay, ServedRoute, ServedTable } from "./admin-port.ts";
import { judgeAnswer, type Verdict } from "./judge-answer.ts";
import { headScorer } from "./score-heads.ts";

export interface GoldenRun {
  set: CompiledGoldenSet;
  /** Name of the route. */
  route: string;
  /** Absent: all of the route's. */
  candidates?: readonly string[];
  /** How often each question is asked. */
  repeat: number;
  admin: AdminPort;
  /** The classifier by which prompts are scored. */
  model: StoredModel;
  /** Gets a label for each judged answer. */
  labels: RecordSink;
  /** Replays at once. */
  concurrency: number;
  /** Aborted where there is no more time: what has been asked till then counts. */
  signal: AbortSignal;
}

/** One question, as one candidate answered it. */
export interface GoldenAnswer {
  candidate: string;
  item: string;
  /** Null where there was no answer, or nobody could judge it. */
  score: number | null;
  /** Why there is no score; null where there is one. */
  problem: string | null;
  costUsd: number;
  judgingUsd: number;
  ms: number;
}

export interface GoldenResult {
  set: string;
  route: string;
  candidates: readonly string[];
  answers: readonly GoldenAnswer[];
  /** How many were to be asked: fewer answers than that mean that time ran out. */
  planned: number;
}

interface Task {
  candidate: string;
  compiled: CompiledItem;
}

/**
 * Has candidates of a route answer a golden set, judges the answers and writes a label for each.
 *
 * @throws UsageError where route, candidate or judge is not in the router's table
 */
export async function runGolden(run: GoldenRun): Promise<GoldenResult> {
  const { set, admin, repeat, concurrency, signal } = run;
  const table = await admin.table();
  const route = chatRoute(table, run.route);
  const candidates = candidatesOf(route, run.candidates);
  const judge = set.judge === null ? undefined : chatRoute(table, set.judge);
  // Question by question, so that a run which is cut short has asked every candidate the same.
  const tasks = Array.from({ length: repeat }, () =>
    set.items.flatMap((compiled) => candidates.map((candidate) => ({ candidate, compiled }))),
  ).flat();
  const scoreHeads = headScorer(run.model, route.classifier);
  const answers: GoldenAnswer[] = [];
  const answerOne = async ({ candidate, compiled }: Task) => {
    const query = { route: route.name, candidate };
    const replay = await admin.replay(query, goldenRequest(compiled.item), signal);
    const asked = { candidate, item: compiled.item.id, ms: replay.ms, costUsd: replay.costUsd };
    if ("failed" in replay) {
      answers.push({ ...asked, score: null, problem: replay.failed, judgingUsd: 0 });
      return;
    }
    const verdict = await judgeAnswer(compiled, replay.message, { admin, judge, signal });
    const { score, costUsd: judgingUsd } = verdict;
    answers.push({ ...asked, score, problem: score === null ? "unjudged" : null, judgingUsd });
    if (score === null) return;
    const place = { table, route, candidate, compiled };
    run.labels.write({ ...labelOf(place, replay, { ...verdict, score }), ...headsOf(compiled) });
  };
  const headsOf = ({ item }: CompiledItem) => {
    const { heads, digest } = scoreHeads(item);
    return { heads, classifier_digest: digest };
  };
  await inParallel(tasks, concurrency, answerOne, signal);
  return { set: set.name, route: route.name, candidates, answers, planned: tasks.length };
}

function chatRoute({ routes }: ServedTable, name: string): ServedRoute {
  const chats = routes.filter(({ type }) => type === "Chat");
  const found = chats.find((each) => each.name === name);
  if (found !== undefined) return found;
  const known = chats.map((each) => each.name).join(", ");
  throw new UsageError(`The router has no chat route "${name}"; there are ${known}`);
}

function candidatesOf(route: ServedRoute, wanted: readonly string[] | undefined): string[] {
  const known = route.candidates.map(({ backend }) => backend);
  const stranger = wanted?.find((each) => !known.includes(each));
  if (stranger === undefined) return [...new Set(wanted ?? known)];
  throw new UsageError(
    `"${stranger}" is no candidate of ${route.name}; there are ${known.join(", ")}`,
  );
}

interface Place {
  table: ServedTable;
  route: ServedRoute;
  candidate: string;
  compiled: CompiledItem;
}

function labelOf(
  { table, route, candidate, compiled }: Place,
  { requestId }: Replay,
  { score, check, judge, costUsd }: Verdict & { score: number },
): Omit<LabelRecord, "heads" | "classifier_digest"> {
  return {
    schema_version: 1,
    ts: new Date().toISOString(),
    level: "info",
    stream: "label",
    label_id: `golden/${requestId}`,
    request_id: requestId,
    prompt_id: compiled.promptId,
    namespace: table.group.namespace,
    class: table.group.routerClass,
    route: route.name,
    tenant: null,
    backend: candidate,
    source: "golden",
    check,
    judge,
    score,
    cost_usd: costUsd,
  };
}

/** So many at once, until all are done or the signal is aborted; what is under way then is given up. */
async function inParallel<Item>(
  items: readonly Item[],
  most: number,
  act: (item: Item) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  let next = 0;
  const work = async () => {
    for (let item = items[next++]; item !== undefined && !signal.aborted; item = items[next++])
      await act(item);
  };
  try {
    await Promise.all(Array.from({ length: most }, work));
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
