/** A value and how many operations it took; a division by zero has no value. */
export interface Evaluated {
  value: number;
  operations: number;
}

// An expression starts and ends with a digit or a bracket and holds at least one operator between.
const expression = /[(-]?[\d(][\d\s.()+\-*/×÷−,]{0,200}[\d)]/g;

/** The first arithmetic expression of a text, evaluated with the usual precedence. */
export function findArithmetic(text: string): Evaluated | undefined {
  for (const [candidate] of text.matchAll(expression)) {
    const evaluated = evaluate(candidate);
    if (evaluated !== undefined && evaluated.operations > 0) return evaluated;
  }
  return undefined;
}

const symbols: Record<string, string> = { "×": "*", "÷": "/", "−": "-" };

/** The value of an expression of numbers, + - * / and brackets; undefined where it is none. */
export function evaluate(text: string): Evaluated | undefined {
  const plain = text
    .replace(/[×÷−]/g, (symbol) => symbols[symbol] ?? symbol)
    .replace(/(?<=\d),(?=\d{3})/g, "");
  const tokens = plain.match(/\d+(?:\.\d+)?|[-+*/()]|[^\s]/g) ?? [];
  const parser = { tokens, at: 0, operations: 0 };
  const value = parseSum(parser);
  if (parser.at !== tokens.length || value === undefined || !Number.isFinite(value))
    return undefined;
  return { value, operations: parser.operations };
}

interface Parser {
  tokens: readonly string[];
  at: number;
  operations: number;
}

type Operations = Record<string, (left: number, right: number) => number>;

const sums: Operations = { "+": (left, right) => left + right, "-": (left, right) => left - right };
const products: Operations = {
  "*": (left, right) => left * right,
  "/": (left, right) => left / right,
};

const parseSum = (parser: Parser): number | undefined => parseChain(parser, sums, parseProduct);
const parseProduct = (parser: Parser): number | undefined =>
  parseChain(parser, products, parseFactor);

function parseChain(
  parser: Parser,
  operations: Operations,
  parseOperand: (parser: Parser) => number | undefined,
): number | undefined {
  let left = parseOperand(parser);
  for (;;) {
    const operation = operations[parser.tokens[parser.at] ?? ""];
    if (left === undefined || operation === undefined) return left;
    parser.at += 1;
    parser.operations += 1;
    const right = parseOperand(parser);
    left = right === undefined ? undefined : operation(left, right);
  }
}

function parseFactor(parser: Parser): number | undefined {
  const token = parser.tokens[parser.at];
  parser.at += 1;
  if (token === "-") {
    const value = parseFactor(parser);
    return value === undefined ? undefined : -value;
  }
  if (token !== "(") return token !== undefined && /^\d/.test(token) ? Number(token) : undefined;
  const value = parseSum(parser);
  parser.at += 1;
  return parser.tokens[parser.at - 1] === ")" ? value : undefined;
}
