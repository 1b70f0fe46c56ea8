import { list, matching, oneOf, structure, text, union } from "./shape.ts";

// Written from the public API reference of ApplyGuardrail; a test compares it with the service model
// of botocore.

export const guardrailIdentifier = matching(
  "(|([a-z0-9]+)|(arn:aws(-[^:]+)?:bedrock:[a-z0-9-]{1,20}:[0-9]{12}:guardrail/[a-z0-9]+))",
  { max: 2048 },
);
export const guardrailVersion = matching("(|([1-9][0-9]{0,7})|(DRAFT))");

export const guardrailText = structure({
  "text!": text(),
  qualifiers: list(oneOf("grounding_source", "query", "guard_content")),
});

/** What travels in the path. */
export const applyGuardrailPath = structure({
  "guardrailIdentifier!": guardrailIdentifier,
  "guardrailVersion!": guardrailVersion,
});

export const applyGuardrailRequest = structure({
  "source!": oneOf("INPUT", "OUTPUT"),
  "content!": list(
    union("GuardrailContentBlock", {
      text: guardrailText,
      image: structure({
        "format!": oneOf("png", "jpeg"),
        "source!": union("GuardrailImageSource", { bytes: { type: "blob", min: 1 } }),
      }),
    }),
  ),
  outputScope: oneOf("INTERVENTIONS", "FULL"),
});
