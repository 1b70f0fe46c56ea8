/** The form of a request member, after the words of AWS's service models. */
export type Shape =
  | {
      type: "string";
      min?: number;
      max?: number;
      pattern?: RegExp;
      patternText?: string;
      options?: readonly string[];
    }
  | { type: "integer" | "float"; min?: number; max?: number }
  | { type: "boolean" }
  | { type: "blob"; min?: number; max?: number }
  | { type: "document" }
  | { type: "list"; member: () => Shape; min?: number; max?: number }
  | { type: "map"; key: Shape; value: Shape; min?: number; max?: number }
  | { type: "structure"; members: Readonly<Record<string, Member>>; union?: string };

export interface Member {
  shape: () => Shape;
  required: boolean;
}

export const text = (limits: { min?: number; max?: number } = {}): Shape => ({
  type: "string",
  ...limits,
});

export const matching = (pattern: string, limits: { min?: number; max?: number } = {}): Shape => ({
  type: "string",
  ...limits,
  pattern: new RegExp(`^(?:${pattern})$`, "u"),
  patternText: pattern,
});

export const oneOf = (...options: string[]): Shape => ({ type: "string", options });

/** Members whose name ends in `!` are required. */
export function structure(members: Record<string, Shape | (() => Shape)>): Shape {
  const entries = Object.entries(members).map(([name, shape]): [string, Member] => [
    name.replace("!", ""),
    { shape: typeof shape === "function" ? shape : () => shape, required: name.endsWith("!") },
  ]);
  return { type: "structure", members: Object.fromEntries(entries) };
}

/** A structure of which exactly one member is set; `name` is how AWS calls it. */
export const union = (name: string, members: Record<string, Shape | (() => Shape)>): Shape => ({
  ...(structure(members) as Extract<Shape, { type: "structure" }>),
  union: name,
});

export const list = (
  member: Shape | (() => Shape),
  limits: { min?: number; max?: number } = {},
): Shape => ({
  type: "list",
  member: typeof member === "function" ? member : () => member,
  ...limits,
});
