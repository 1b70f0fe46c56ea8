import { createHmac } from "node:crypto";

import { validationError } from "../aws-error.ts";
import type { ConverseRequest } from "./converse-request.ts";

/** The signature that makes a reasoning block recognisable when it comes back. */
export const signReasoning = (seed: number, text: string): string =>
  createHmac("sha512", `reasoning ${seed}`).update(text).digest("base64");

/** @throws AwsError where a signed reasoning block has been changed on its way */
export function verifyReasoning(request: ConverseRequest, seed: number): void {
  for (const [index, message] of (request.messages ?? []).entries()) {
    for (const [at, block] of message.content.entries()) {
      const reasoning = block.reasoningContent?.reasoningText;
      if (reasoning === undefined || reasoning.signature === signReasoning(seed, reasoning.text))
        continue;
      throw validationError(
        `The model returned the following errors: messages.${index}.content.${at}: Invalid \`signature\` in \`thinking\` block`,
      );
    }
  }
}
