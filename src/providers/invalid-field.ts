import { ProviderError } from "./provider-error.ts";

/**
 * A request that this model cannot be sent, for the sake of one field.
 *
 * @param field for `error.param`, such as `messages[2].content[0].image_url.url`
 * @param what goes on after the field's name: what is wrong with it and what would do
 */
export function invalidField(field: string, what: string): ProviderError {
  return new ProviderError("invalid_request", `${field} ${what}`, { param: field });
}
