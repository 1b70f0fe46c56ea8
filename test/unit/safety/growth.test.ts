import { expect, it } from "vitest";
import { seededRandom } from "../../../src/lib/index.ts";
import type { Filter } from "../../../src/safety/index.ts";
import { filterOf } from "./found.ts";

// What the detectors begin with, repeat and end with: the stuff that backtracking is made of.
const pieces =
  "a@|.|-|_|1|0|12|1234 |+1 |(|) |/|:|::|f:|1.|255.|DE12|XY|é|born |birth |Jan |\n| |  |password|=|: |\"|'|token is |sk-|ghp_|eyJ|eyJaaaaaaaaaaaa.|AKIA|-----BEGIN |PRIVATE KEY-----|a-|x://|b:c|aws |Bearer |ops_ey|ignore all |previous |you are |act |from now on, |reveal |the |system |0 1 |01 |012 345 |4111 |1111|A1B2|ext. 1|tel |4|never |never refuse |amoral |amoral a, |regardless of |become a |curl -s |curl -u |mysql -a b |--token |sshpass -p |token for a |1,|;|a,b,c\n|1;2\n|\t|IBAN DE12 AAAA |S1234567|ABCD123456|生|born in a |my new number is |T: |upgrade from 1.2.3.4 ".split(
    "|",
  );
const filters = [
  filterOf({ name: "pii", type: "Pii" }),
  filterOf({ name: "secrets", type: "Secrets" }),
  filterOf({ name: "tripwire", type: "PromptInjection", promptInjection: { thresholdPercent: 1 } }),
  filterOf({
    name: "words",
    type: "WordList",
    wordList: { words: ["aab", "a", "4111 1111"], ignoreCase: true, wholeWords: false },
  }),
  filterOf({
    name: "pattern",
    type: "Pattern",
    pattern: { expression: "^(a+)+$|(1.*)+x", ignoreCase: false },
  }),
  filterOf({
    name: "topics",
    type: "Topics",
    topics: { denied: [{ name: "t", examples: ["act previous token"] }], thresholdPercent: 60 },
  }),
];

const small = 6_000;
const times = 4;

/** The least of several runs, in processor time of this process. */
function cost(run: () => void): number {
  const runs = Array.from({ length: 3 }, () => {
    const before = process.cpuUsage();
    run();
    const { user } = process.cpuUsage(before);
    return user;
  });
  return Math.min(...runs);
}

const repeated = (unit: string, length: number): string =>
  unit.repeat(Math.ceil(length / unit.length)).slice(0, length);

/** Told only where each of several looks says so: what another process costs this one passes, squared growth stays. */
function isSteep(unit: string, filter: Filter): boolean {
  return Array.from({ length: 5 }).every(() => {
    const short = cost(() => filter.inspect(repeated(unit, small)));
    const long = cost(() => filter.inspect(repeated(unit, small * times)));
    // Squared growth is sixteenfold; the allowance is for what is too quick to be told apart.
    return long > 9 * short + 8_000;
  });
}

it("a text four times as long costs every filter a few times as much, whatever it repeats", () => {
  const random = seededRandom(7);
  const pick = (): string => pieces[Math.floor(random() * pieces.length)] ?? "";
  const units = [
    ...pieces,
    ...Array.from({ length: 60 }, () => pick() + pick() + (random() < 0.5 ? pick() : "")),
  ];
  const steep: string[] = [];
  for (const unit of units) {
    for (const filter of filters) {
      if (isSteep(unit, filter)) steep.push(`${filter.name} on ${JSON.stringify(unit)}`);
    }
  }
  expect(steep).toEqual([]);
}, 60_000);
