import { setImmediate as turn } from "node:timers/promises";
import { inSlices, type Steps } from "../../lib/index.ts";
import {
  isRemote,
  TextStream,
  type Filter,
  type Match,
  type RemoteVerdict,
  type Verdict,
} from "../../safety/index.ts";
import type { ArmedFilter } from "./armed-filters.ts";
import type { Inspection } from "./inspection.ts";
import type { Failure, Stage } from "./safety-log.ts";
import type { TextPiece } from "./text-piece.ts";

/** What a filter found in a text, or why there is no verdict. */
export type Finding = Pick<Verdict, "matches"> | Failure;

/** One for each text. */
export type Findings = Finding[];

/** A remote filter that takes longer is late. */
const remoteLimitMs = 5_000;

/** So many characters are looked at in one go; others wait no longer than that takes, some milliseconds. */
const inOneGo = 32_768;

/**
 * Has a filter look at texts. It fails alone: whatever it throws is a verdict that could not be had.
 *
 * @returns the findings; a promise of them only where somebody else is asked, or the texts are long
 */
export function look(
  armed: ArmedFilter,
  pieces: readonly TextPiece[],
  stage: Stage,
  inspection: Inspection,
): Findings | Promise<Findings> {
  if (isRemote(armed.filter)) return askRemote(armed, pieces, stage, inspection);
  const { filter } = armed;
  const size = pieces.reduce((sum, { text }) => sum + text.length, 0);
  if (size > inOneGo) return lookInTurns({ armed, filter }, pieces, stage, inspection);
  let before = 0;
  return pieces.map(({ text }) => {
    const found = timed(armed, stage, inspection, () => filter.inspect(text, before));
    before += text.length;
    return found;
  });
}

function timed<Found>(
  armed: ArmedFilter,
  stage: Stage,
  inspection: Inspection,
  act: () => Found,
): Found | Failure {
  const { clock, log } = inspection;
  const startedAt = clock.elapsed();
  try {
    return act();
  } catch (error) {
    return failed(armed, error, inspection);
  } finally {
    log.looked(armed, stage, { startedAt, ms: clock.elapsed() - startedAt });
  }
}

/** The same for texts that would keep all other requests waiting. */
async function lookInTurns(
  { armed, filter }: { armed: ArmedFilter; filter: Filter },
  pieces: readonly TextPiece[],
  stage: Stage,
  inspection: Inspection,
): Promise<Findings> {
  const findings: Findings = [];
  let before = 0;
  let inTurn = 0;
  for (const { text } of pieces) {
    if (inTurn + text.length > inOneGo) {
      await turn();
      inTurn = 0;
    }
    findings.push(await lookAtOne({ armed, filter }, { text, before }, stage, inspection));
    before += text.length;
    inTurn += text.length;
  }
  return findings;
}

/** In pieces or in steps where the text is long and the filter can. */
async function lookAtOne(
  { armed, filter }: { armed: ArmedFilter; filter: Filter },
  { text, before }: { text: string; before: number },
  stage: Stage,
  inspection: Inspection,
): Promise<Finding> {
  if (text.length > inOneGo) {
    if (filter.window !== undefined)
      return lookPieceByPiece({ armed, filter }, text, stage, inspection);
    if (filter.inSteps !== undefined)
      return lookInSteps(armed, filter.inSteps(text), stage, inspection);
  }
  return timed(armed, stage, inspection, () => filter.inspect(text, before));
}

/** Others have their turn after each slice. */
const sliceMs = 5;

async function lookInSteps(
  armed: ArmedFilter,
  steps: Steps<Verdict>,
  stage: Stage,
  inspection: Inspection,
): Promise<Finding> {
  const { clock, log } = inspection;
  const startedAt = clock.elapsed();
  try {
    return await inSlices(steps, sliceMs);
  } catch (error) {
    return failed(armed, error, inspection);
  } finally {
    log.looked(armed, stage, { startedAt, ms: clock.elapsed() - startedAt });
  }
}

/** What a filter with a window finds in a text does not depend on how the text is cut. */
async function lookPieceByPiece(
  { armed, filter }: { armed: ArmedFilter; filter: Filter },
  text: string,
  stage: Stage,
  inspection: Inspection,
): Promise<Finding> {
  const placeholder = () => "";
  const stream = new TextStream(filter, { action: "Observe", streaming: "Async", placeholder });
  const matches: Match[] = [];
  for (let at = 0; at < text.length; at += inOneGo) {
    const last = at + inOneGo >= text.length;
    const found = timed(armed, stage, inspection, () => [
      ...stream.push(text.slice(at, at + inOneGo)).matches,
      ...(last ? stream.end().matches : []),
    ]);
    if (typeof found === "string") return found;
    matches.push(...found);
    await turn();
  }
  return { matches };
}

async function askRemote(
  armed: ArmedFilter,
  pieces: readonly TextPiece[],
  stage: Stage,
  inspection: Inspection,
): Promise<Findings> {
  const { clock, log, guardrailCalls } = inspection;
  const startedAt = clock.elapsed();
  const texts = pieces.map(({ text }) => text);
  const answer = await verdictsOf(armed, texts, stage, inspection);
  log.looked(armed, stage, { startedAt, ms: clock.elapsed() - startedAt });
  if (typeof answer === "string") return pieces.map(() => answer);
  for (const { units } of answer)
    if (units !== undefined) guardrailCalls.push({ units, estimated: false, ...priceOf(armed) });
  return pieces.map((_, index) => answer[index] ?? "failed");
}

const priceOf = ({ entry }: ArmedFilter): { unitPrice?: number } => {
  const unitPrice =
    entry.type === "BedrockGuardrail" ? entry.bedrockGuardrail.unitPrice : undefined;
  return unitPrice === undefined ? {} : { unitPrice };
};

async function verdictsOf(
  armed: ArmedFilter,
  texts: readonly string[],
  stage: Stage,
  inspection: Inspection,
): Promise<readonly RemoteVerdict[] | Failure> {
  const { filter } = armed;
  if (!isRemote(filter)) return "failed";
  const late = new AbortController();
  const { promise, resolve } = Promise.withResolvers<"late">();
  const timer = setTimeout(() => {
    late.abort(new Error("The filter took too long"));
    resolve("late");
  }, remoteLimitMs);
  const call = { stage: stage === "input" ? "Input" : "Output", signal: late.signal } as const;
  try {
    return await Promise.race([filter.inspect(texts, call), promise]);
  } catch (error) {
    return failed(armed, error, inspection);
  } finally {
    clearTimeout(timer);
  }
}

/** What a filter throws may tell of the text: only its kind is passed on. */
export function failed(
  { entry, owner }: ArmedFilter,
  error: unknown,
  { onFault }: Inspection,
): Failure {
  const kind = error instanceof Error ? error.name : typeof error;
  onFault(new Error(`The safety filter ${entry.name} of the ${owner} failed: ${kind}`));
  return "failed";
}
