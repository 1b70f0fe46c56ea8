/** What a classifier may know of a request. */
export interface Question {
  /** The text that is asked last. */
  text: string;
  /** Messages before it, those of the system aside. */
  earlierTurns: number;
  tools: number;
  /** About the size of the tools' schemas as JSON, in UTF-16 units. */
  schemaCharacters: number;
  /** Images and documents. */
  images: number;
}

/** A question that is nothing but its text. */
export function plainQuestion(text: string): Question {
  return { text, earlierTurns: 0, tools: 0, schemaCharacters: 0, images: 0 };
}
