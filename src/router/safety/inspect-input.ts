import { ApiError } from "../../openai/index.ts";
import { Placeholders } from "../../safety/index.ts";
import type { AdmittedRequest } from "../admit-stage.ts";
import type { RouterParts } from "../parts.ts";
import type { Asked } from "../parse-stage.ts";
import { FilterBlock } from "./filter-block.ts";
import type { Inspection } from "./inspection.ts";
import { passTexts } from "./pass-texts.ts";
import { textsOf, withTexts } from "./request-texts.ts";
import { SafetyLog } from "./safety-log.ts";
import type { TextPiece } from "./text-piece.ts";

/** Arms a request's filters; undefined where nothing applies, which is told at the cost of a look. */
export function beginInspection(
  admitted: AdmittedRequest,
  { filters, clock, onFault }: RouterParts,
): Inspection | undefined {
  const armed = filters.armed(admitted.route, admitted.tenant);
  if (armed === undefined) return undefined;
  return {
    filters: armed,
    log: new SafetyLog(),
    placeholders: new Placeholders([]),
    guardrailCalls: admitted.guardrailCalls,
    clock,
    onFault: (error) => onFault(error, admitted.requestId),
  };
}

/**
 * What the client sent, past the filters of the input. What is redacted is redacted in a copy.
 *
 * @throws ApiError content_filter
 */
export async function inspectInput<Admitted extends AdmittedRequest>(
  admitted: Admitted,
  inspection: Inspection,
): Promise<Admitted> {
  const { input } = inspection.filters;
  if (input.length === 0) return { ...admitted, inspection };
  const pieces = textsOf(admitted.asked);
  const begun = {
    ...inspection,
    placeholders: placeholdersFor(pieces, admitted.asked, inspection),
  };
  try {
    const passage = { inspection: begun, stage: "input", backend: null } as const;
    const passed = await passTexts(pieces, input, passage);
    const asked = passed === pieces ? admitted.asked : withTexts(admitted.asked, passed);
    return { ...admitted, asked, inspection: begun };
  } catch (error) {
    if (!(error instanceof FilterBlock)) throw error;
    throw new ApiError("content_filter", error.message, {
      param: error.place,
      rules: error.rules,
    });
  }
}

/**
 * Stand-ins that are to be put back must stand nowhere else. What assistants have said is left out: it
 * repeats those of earlier turns, which must stay what they were.
 */
function placeholdersFor(
  pieces: readonly TextPiece[],
  asked: Asked,
  { filters, placeholders }: Inspection,
): Placeholders {
  if (!filters.input.some(({ entry }) => entry.reversible === true)) return placeholders;
  const messages = asked.operation === "chat" ? asked.request.messages : [];
  const others = pieces.filter(({ place }) => {
    const index = /^messages\[(\d+)\]/.exec(place)?.[1];
    return index === undefined || messages[Number(index)]?.role !== "assistant";
  });
  return new Placeholders(others.map(({ text }) => text));
}
