import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  redact,
  TextStream,
  type Filter,
  type Match,
  type Passed,
  type StreamSettings,
} from "../../../src/safety/index.ts";
import { filterOf } from "./found.ts";

const key = `-----BEGIN RSA PRIVATE KEY-----\n${"MIIEq7Rk2LmZ9xTb4WcY8vNd3HsJ6pGf1QaE\n".repeat(12)}-----END RSA PRIVATE KEY-----`;
const random = "q7Rk2LmZ9xTb4WcY8vNd3HsJ6pGf1QaE5uKo0iXr";
const samples = [
  "jane.doe@example.com",
  "4111 1111 1111 1111",
  "DE89 3704 0044 0532 0130 00",
  "536-90-4399",
  "+44 20 7946 0958",
  "(415) 555-2671",
  "call ",
  "born ",
  "1984-03-03",
  "10.9.8.7",
  "version 1.2.3.4",
  "2001:db8::8a2e:370:7334",
  "SSN ",
  "PESEL 44051401359",
  "password: hunter2!x",
  "token is ",
  random,
  `ghp_${random.slice(0, 36)}`,
  key,
  key.slice(0, 90),
  "-----BEGIN ",
  "postgres://a:s3cret9@db",
  "eyJ",
  `eyJ${random}.eyJ${random}.${random}`,
  "aws ",
  "acme",
  "acmeacme",
  " ",
  "\n",
  ".",
  "-",
  "@",
  "1",
  "0",
  "😀",
  "a b c ",
  "The harbour wall had begun to lean, and nobody wished to pay. ",
  "x".repeat(300),
  "name,phone,dob\n",
  "Ann,2345678901,1984-03-03\n",
  "Ann,2345678901,1984-03-03\n".repeat(90),
  "| who | birthday |\n|---|---|\n",
  "| Ann | ",
  " in Köln geboren",
  "生年月日",
  "1990年5月12日",
  " Anna Maria was born",
  "curl -s -u admin:Z6nwRI3ZJk4 ",
  "--token Z6nwRI3ZJk4 ",
  "next_page_",
  "upgrade from ",
  "NL29 KJBP ",
  "0594 1000 46",
  "+43 1 ",
] as const;

const text = fc
  .array(fc.constantFrom(...samples), { maxLength: 30, size: "max" })
  .chain((parts) => fc.constantFrom("", " ").map((joint) => parts.join(joint)));
const sizes = fc.array(fc.integer({ min: 1, max: 120 }), { minLength: 1, maxLength: 8 });

const filters = [
  filterOf({ name: "pii", type: "Pii" }),
  filterOf({ name: "secrets", type: "Secrets" }),
  filterOf({
    name: "words",
    type: "WordList",
    wordList: {
      words: ["acme", "acmeacme", "lean, and", "acme a", "a b"],
      ignoreCase: true,
      wholeWords: false,
    },
  }),
  filterOf({
    name: "pattern",
    type: "Pattern",
    pattern: { expression: "a.*m", ignoreCase: false },
  }),
  filterOf({
    name: "others",
    type: "Pii",
    pii: { ignore: ["+44 20 7946 0958", "jane.doe@example.com"] },
  }),
];

const placeholder = ({ rule }: Match): string => `<${rule}>`;

/** The text in pieces whose sizes come round and round. */
function pieces(whole: string, cuts: readonly number[]): string[] {
  const cut: string[] = [];
  for (let at = 0; at < whole.length;) {
    const size = cuts[cut.length % cuts.length] ?? 1;
    cut.push(whole.slice(at, at + size));
    at += size;
  }
  return cut;
}

function through(
  filter: Filter,
  settings: Omit<StreamSettings, "placeholder">,
  parts: readonly string[],
) {
  const stream = new TextStream(filter, { ...settings, placeholder });
  const passed: Passed[] = [...parts.map((part) => stream.push(part)), stream.end()];
  return {
    text: passed.map((each) => each.text).join(""),
    matches: passed.flatMap(({ matches }) => matches),
    blocked: passed.some(({ blocked }) => blocked),
  };
}

describe.each(filters)("the filter $name over a text in pieces", (filter) => {
  it.each(["Window", "Buffer"] as const)(
    "redacts what the whole text would have redacted (%s)",
    (streaming) => {
      fc.assert(
        fc.property(text, sizes, (whole, cuts) => {
          const result = through(filter, { action: "Redact", streaming }, pieces(whole, cuts));
          expect(result.text).toBe(redact(whole, filter.inspect(whole).matches, placeholder));
          expect(result.matches).toEqual(filter.inspect(whole).matches);
        }),
        { numRuns: 150 },
      );
    },
  );

  it("blocks exactly where the whole text has a match, and lets out what stands before it", () => {
    fc.assert(
      fc.property(text, sizes, (whole, cuts) => {
        const settings = { action: "Block", streaming: "Window" } as const;
        const result = through(filter, settings, pieces(whole, cuts));
        const [first] = filter.inspect(whole).matches;
        expect(result.blocked).toBe(first !== undefined);
        expect(result.text).toBe(whole.slice(0, first?.start));
      }),
      { numRuns: 150 },
    );
  });

  it("holds nothing back where it only looks, and finds the same", () => {
    fc.assert(
      fc.property(text, sizes, (whole, cuts) => {
        const stream = new TextStream(filter, {
          action: "Observe",
          streaming: "Async",
          placeholder,
        });
        const matches = pieces(whole, cuts).flatMap((piece) => {
          const passed = stream.push(piece);
          expect(passed.text).toBe(piece);
          return passed.matches;
        });
        expect([...matches, ...stream.end().matches]).toEqual(filter.inspect(whole).matches);
      }),
      { numRuns: 50 },
    );
  });
});

describe("a match that reaches out of the one before it", () => {
  it.each(["Window", "Buffer"] as const)("is redacted to its end (%s)", (streaming) => {
    const words = filterOf({
      name: "words",
      type: "WordList",
      wordList: { words: ["acme bank", "bank vault"], ignoreCase: false, wholeWords: false },
    });
    const settings = { action: "Redact", streaming } as const;
    const result = through(words, settings, ["the acme ba", "nk vau", "lt is open"]);
    expect(result.text).toBe("the <word-list/word><word-list/word> is open");
  });
});

describe("a window", () => {
  it.each([
    ["pii", 450],
    ["secrets", 900],
    ["words", 80],
  ])("holds back no more of plain words than it needs: %s, %i units", (name, most) => {
    const filter = filters.find((each) => each.name === name);
    const stream = new TextStream(filter!, { action: "Redact", streaming: "Window", placeholder });
    const prose = "The harbour wall had begun to lean, and nobody paid. ".repeat(60);
    let sent = 0;
    let out = 0;
    for (const piece of pieces(prose.replaceAll("lean, and", "lean or"), [7])) {
      sent += piece.length;
      out += stream.push(piece).text.length;
      expect(sent - out).toBeLessThan(most);
    }
  });

  it("lets nothing out once it blocked", () => {
    const stream = new TextStream(filters[2]!, {
      action: "Block",
      streaming: "Window",
      placeholder,
    });
    const first = stream.push(`Of acme ${"and more ".repeat(20)}`);
    expect(first).toMatchObject({ text: "Of ", blocked: true });
    expect([stream.push("more"), stream.end()]).toEqual(
      [1, 2].map(() => ({ text: "", matches: [], blocked: true })),
    );
  });

  it("of a filter that needs the whole text holds all of it", () => {
    const size = filterOf({ name: "size", type: "MaxSize", maxSize: { characters: 5 } });
    const stream = new TextStream(size, { action: "Block", streaming: "Window", placeholder });
    expect(stream.push("a".repeat(500)).text).toBe("");
    expect(stream.end()).toMatchObject({ text: "aaaaa", blocked: true });
  });
});
