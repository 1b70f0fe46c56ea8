/** Control characters, and what turns or breaks lines: terminals obey them. */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** A text that others have chosen, for a terminal: what would move its cursor is shown as its code. */
export function visibleText(text: string): string {
  return text
    .toWellFormed()
    .replace(unseen, (each) => `\\u${(each.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`);
}
