/**
 * A fault with a stable code that programs and documents refer to; the message is for people.
 * Rooms declare their own codes as a union of string literals.
 */
export class CodedError<Code extends string = string> extends Error {
  readonly code: Code;

  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "CodedError";
    this.code = code;
  }
}
