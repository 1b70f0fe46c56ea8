/** A text that filters look at, and where it stands. */
export interface TextPiece {
  /** As a path in the request or the answer, such as `messages[2].content`. */
  place: string;
  text: string;
  /** JSON in a string, such as the arguments of a tool call. */
  form: "text" | "json";
  /** The answer proper: what is asked to be of a schema. */
  isAnswer?: boolean;
}
