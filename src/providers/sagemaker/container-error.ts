import { withoutNames } from "../aws-error.ts";
import { tellsContextOverflow } from "../context-overflow.ts";
import { countOf } from "../count-of.ts";
import { ProviderError } from "../provider-error.ts";
import { fieldsOf, isFields, textOf, type Fields } from "./fields.ts";

/**
 * Containers tell of failures inside a success, too: as `{error: {message, code}}` (vLLM, LMI), as
 * `{error, error_type}` (TGI) or as `{object: "error", message, code}` (older vLLM).
 *
 * @throws ProviderError where the event is such a one
 */
export function throwContainerError(event: unknown): void {
  const fields = fieldsOf(event);
  const told = fields["object"] === "error" ? fields : fields["error"];
  if (told === undefined || told === null) return;
  const message = isFields(told) ? textOf(told["message"]) : textOf(told);
  const words = withoutNames(message) ?? "The model's container refused the request";
  if (tellsContextOverflow(message)) throw new ProviderError("context_overflow", words);
  throw isRefusal(fields, fieldsOf(told))
    ? new ProviderError("model_refused", words)
    : new ProviderError("model_error", "The model failed");
}

function isRefusal(event: Fields, told: Fields): boolean {
  const status = countOf(told["code"]) ?? 500;
  return event["error_type"] === "validation" || (status >= 400 && status < 500);
}
