/** One call of a guardrail that a filter made, beside the attempts. */
export interface GuardrailCall {
  /** Text units that it was billed for. */
  units: number;
  /** Where the provider never said them, and they follow from the text's length. */
  estimated: boolean;
  /** Pico-USD a unit; absent: that of the backend that served. */
  unitPrice?: number;
}
