const named: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Markup that is safe to put into a page. Only the template below makes it. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Piece = Markup | string | number | readonly Piece[];

/** What is put in is escaped, in texts and in quoted attributes alike, unless it is markup itself. */
export function markup(parts: TemplateStringsArray, ...pieces: readonly Piece[]): Markup {
  const text = parts.reduce((sofar, part, place) => {
    const piece = pieces[place - 1];
    return sofar + (piece === undefined ? "" : markupOf(piece)) + part;
  });
  return new Markup(text);
}

function markupOf(piece: Piece): string {
  if (piece instanceof Markup) return piece.text;
  if (typeof piece === "number") return String(piece);
  if (typeof piece === "string") return escapeText(piece);
  return piece.map(markupOf).join("");
}

/** Control characters, which no page may hold, show as the sign for what cannot be shown. */
function escapeText(text: string): string {
  return text
    .replaceAll(/[&<>"']/g, (character) => named[character] ?? "")
    .replaceAll(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F]/g, "\uFFFD");
}
