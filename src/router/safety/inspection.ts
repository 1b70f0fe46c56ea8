import type { Clock } from "../../lib/index.ts";
import type { Placeholders } from "../../safety/index.ts";
import type { GuardrailCall } from "../guardrail-call.ts";
import type { ArmedFilters } from "./armed-filters.ts";
import type { SafetyLog } from "./safety-log.ts";

/** A request's way past its filters. */
export interface Inspection {
  filters: ArmedFilters;
  log: SafetyLog;
  placeholders: Placeholders;
  /** The request's, for its ledger. */
  guardrailCalls: GuardrailCall[];
  clock: Clock;
  /** Told of filters that failed, by a sentence without anybody's text. */
  onFault: (error: Error) => void;
}
