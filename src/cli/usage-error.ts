/** The command cannot do what was asked of it; the message is one sentence that says what to change. Exit code 2. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "UsageError";
  }
}
