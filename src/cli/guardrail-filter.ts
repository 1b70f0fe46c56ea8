import type { Guardrails } from "../providers/index.ts";
import type { RemoteFilter } from "../safety/index.ts";
import type { GuardrailFilterSettings } from "../table/index.ts";

/** The filter that asks a guardrail: what the room of filters may not do itself. */
export function guardrailFilter(
  { name, bedrockGuardrail: guardrail }: GuardrailFilterSettings,
  guardrails: Guardrails,
): RemoteFilter {
  return {
    name,
    remote: true,
    inspect: async (texts, { stage, signal }) => {
      const source = stage === "Input" ? "INPUT" : "OUTPUT";
      const verdicts = await guardrails.apply({ guardrail, source, texts, signal });
      return verdicts.map(({ found, units }) => ({
        filter: name,
        matches: found,
        // Texts that went together are billed once.
        ...(units === 0 ? {} : { units }),
      }));
    },
  };
}
