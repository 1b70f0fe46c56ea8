import { filterGuardrails } from "./guardrail-account.ts";
import { servingAttempt, type Progress } from "./progress.ts";
import { amountsOf, nothing } from "./request-limits.ts";

/** The request is over: gives back what is left of what it held, and books what no attempt has used. */
export function endLimits(progress: Progress): void {
  const { limits } = progress;
  if (limits === undefined) return;
  limits.held?.reservation.settle(nothing);
  limits.held = null;
  limits.place?.release();
  const filters = filterGuardrails(progress, servingAttempt(progress)?.backend);
  let picoUsd = 0;
  for (const { costPicoUsd } of filters) picoUsd += costPicoUsd;
  if (picoUsd > 0) limits.place?.spend(amountsOf(picoUsd, 0));
}
