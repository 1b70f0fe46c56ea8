/** Stands where Bedrock wants a text and the client gave none. */
export const placeholder = ".";

/** Bedrock refuses blocks of empty text, and Claude those of white space alone. */
export const isBlank = (text: string): boolean => text.trim() === "";
