import { placeInRaw, readJsonText, redact, redactJson, type Match } from "../../safety/index.ts";
import type { ArmedFilter } from "./armed-filters.ts";
import { FilterBlock } from "./filter-block.ts";
import type { Inspection } from "./inspection.ts";
import { look, type Finding, type Findings } from "./look.ts";
import type { Failure, Judgement, Measure, Stage } from "./safety-log.ts";
import type { TextPiece } from "./text-piece.ts";

/** Where whole texts pass their filters. */
export interface Passage {
  inspection: Inspection;
  stage: Stage;
  /** Whose answer it is; null for the client's texts. */
  backend: string | null;
}

/**
 * Whole texts past filters, one filter after the other: each sees what those before it have left.
 *
 * @returns the texts that may go on, in their order
 * @throws FilterBlock
 */
export async function passTexts(
  pieces: readonly TextPiece[],
  filters: readonly ArmedFilter[],
  passage: Passage,
): Promise<readonly TextPiece[]> {
  let passed = pieces;
  for (const armed of filters) {
    const seen = passed.filter((piece) => isFor(armed, piece));
    if (seen.length === 0) continue;
    const looked = look(armed, seen.map(asRead), passage.stage, passage.inspection);
    const findings = looked instanceof Promise ? await looked : looked;
    if (findings.every(isNothing)) continue;
    const left = act(armed, seen, findings, passage);
    if (left.size > 0) passed = passed.map((piece) => left.get(piece) ?? piece);
  }
  return passed;
}

/** Only an answer can be of a schema, and only one that says something. */
function isFor({ entry }: ArmedFilter, { isAnswer }: Pick<TextPiece, "isAnswer">): boolean {
  return entry.type !== "JsonSchema" || isAnswer === true;
}

const isNothing = (finding: Finding): boolean =>
  typeof finding !== "string" && finding.matches.length === 0;

function asRead(piece: TextPiece): TextPiece {
  return piece.form === "text" ? piece : { ...piece, text: readJsonText(piece.text).read };
}

/** @returns the texts that are others now */
function act(
  armed: ArmedFilter,
  pieces: readonly TextPiece[],
  findings: Findings,
  passage: Passage,
): Map<TextPiece, TextPiece> {
  const changed = new Map<TextPiece, TextPiece>();
  for (const [index, piece] of pieces.entries()) {
    const text = leftOf(armed, piece, findings[index] ?? "failed", passage);
    if (text !== piece.text) changed.set(piece, { ...piece, text });
  }
  return changed;
}

/** What a filter leaves of a text. */
function leftOf(armed: ArmedFilter, piece: TextPiece, finding: Finding, passage: Passage): string {
  const { place, text } = piece;
  const failed = typeof finding === "string";
  if (!failed && finding.matches.length === 0) return text;
  const found = failed ? finding : inRaw(piece, finding.matches);
  const measure = measureOf(armed, found);
  noteFindings(armed, place, found, measure, passage);
  if (measure === "block") throw new FilterBlock(armed, passage.stage, place, found);
  if (measure !== "redact" || typeof found === "string") return text;
  return redacted(armed, piece, found, passage);
}

function inRaw({ form, text }: TextPiece, matches: readonly Match[]): readonly Match[] {
  if (form === "text") return matches;
  const json = readJsonText(text);
  return matches.map((match) => placeInRaw(json, match));
}

/** What follows from what was found, or from a verdict that could not be had. A filter that only watches stops nothing. */
export function measureOf(
  { action, entry }: ArmedFilter,
  found: readonly Match[] | Failure,
): Measure {
  const failed = typeof found === "string";
  if (action === "Observe") return failed ? "allow" : "observe";
  if (failed) return entry.onFailure === "Block" ? "block" : "allow";
  return action === "Block" ? "block" : "redact";
}

export function noteFindings(
  armed: ArmedFilter,
  place: string,
  found: readonly Match[] | Failure,
  measure: Measure,
  { inspection, stage, backend }: Passage,
): Judgement {
  const failure = typeof found === "string" ? found : null;
  const matches = typeof found === "string" ? [] : [...found];
  return inspection.log.note({ armed, stage, place, measure, failure, matches, backend });
}

function redacted(
  armed: ArmedFilter,
  { text, form }: TextPiece,
  matches: readonly Match[],
  passage: Passage,
): string {
  const standIn = standInsOf(armed, passage);
  return form === "text" ? redact(text, matches, standIn) : redactJson(text, matches, standIn);
}

/** What the model made is never put back. */
export function standInsOf({ entry }: ArmedFilter, { inspection, stage }: Passage) {
  const { placeholders } = inspection;
  return stage === "input" && entry.reversible === true ? placeholders.of : placeholders.forGood;
}
