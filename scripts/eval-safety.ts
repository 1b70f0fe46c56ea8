// `npm run eval:safety`: how many of the personal data and secrets of a corpus the filters find, and
// how much else they take for some. Prints a table; `-- --data FILE` reads a corpus of JSON lines
// instead of making one, `--json OUT` writes the figures, `--mistakes N` shows examples of what went wrong.
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { makeCorpus } from "./safety/corpus.ts";
import { findSpans } from "./safety/find-spans.ts";
import { readCorpus } from "./safety/read-corpus.ts";
import { corpusTypes, score } from "./safety/score.ts";

const { values } = parseArgs({
  options: {
    data: { type: "string" },
    json: { type: "string" },
    mistakes: { type: "string", default: "0" },
  },
});

const documents =
  values.data === undefined ? makeCorpus() : readCorpus(readFileSync(values.data, "utf8"));
const { types, mistakes } = score(documents, findSpans);

console.log(`${documents.length} texts\n\ntype        precision  recall     n`);
for (const type of corpusTypes) {
  const { precision, recall, n } = types[type];
  console.log(
    `${type.padEnd(12)}${precision.toFixed(3).padStart(9)}${recall.toFixed(3).padStart(8)}${String(n).padStart(6)}`,
  );
}
for (const type of corpusTypes) {
  for (const { kind, excerpt } of mistakes
    .filter((mistake) => mistake.type === type)
    .slice(0, Number(values.mistakes)))
    console.log(`${type} ${kind}: ${JSON.stringify(excerpt)}`);
}
if (values.json !== undefined)
  writeFileSync(values.json, `${JSON.stringify({ types }, null, 2)}\n`);
