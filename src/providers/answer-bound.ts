/** More than AWS sends in one answer, or in one message of an event stream. */
export const mostAnswerBytes = 32 * 1024 * 1024;

/** An answer that was left at the bound, whatever more its sender had to say. */
export class AnswerTooLarge extends Error {
  override readonly name = "AnswerTooLarge";

  constructor() {
    super(`An answer of more than ${mostAnswerBytes} bytes`);
  }
}
