/** A composition root: what one word after `switchyard` does. */
export interface Command {
  /** What `switchyard COMMAND --help` prints. */
  help: string;
  /**
   * @param words what follows the command's name
   * @returns the exit code
   * @throws UsageError
   */
  run(words: readonly string[]): Promise<number>;
}
