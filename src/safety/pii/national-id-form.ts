/** One country's number for a person. */
export interface NationalId {
  /** The last part of the rule's name. */
  name: string;
  /** Global and bounded; word boundaries are added around it. */
  pattern: string;
  /** @param id the match without anything but letters and digits, in capitals */
  holds: (id: string) => boolean;
  /**
   * The words that must stand near, where format and check digits are met by chance too often;
   * general words such as `national id` always do.
   */
  near?: string;
  /** As `near`, where the number is written without separators; with them it speaks for itself. */
  nearIfBare?: string;
}
