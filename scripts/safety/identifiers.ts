// National numbers made from the rules by which countries give them out, to be found again by
// detectors that share no code with this: a check digit is searched here, never computed there.
import type { Faker } from "@faker-js/faker";

const digits = (faker: Faker, count: number): string =>
  faker.string.numeric({ length: count, allowLeadingZeros: true });

const two = (value: number): string => String(value).padStart(2, "0");

interface Birth {
  year: number;
  short: string;
  month: string;
  day: string;
}

function birth(faker: Faker): Birth {
  const date = faker.date.birthdate({ min: 18, max: 85, mode: "age", refDate: "2024-01-01" });
  const year = date.getUTCFullYear();
  return {
    year,
    short: two(year % 100),
    month: two(date.getUTCMonth() + 1),
    day: two(date.getUTCDate()),
  };
}

/** The first of the suffixes with which the number meets the rule; another attempt where none does. */
function completed(
  make: () => string,
  suffixes: readonly string[],
  meets: (id: string) => boolean,
): string {
  for (;;) {
    const stem = make();
    const suffix = suffixes.find((candidate) => meets(stem + candidate));
    if (suffix !== undefined) return stem + suffix;
  }
}

const oneDigit = [..."0123456789"];

const sumOf = (id: string, weights: readonly number[]): number =>
  [...id].reduce((sum, digit, index) => sum + Number(digit) * (weights[index] ?? 0), 0);

const doubled = (digit: number): number => [0, 2, 4, 6, 8, 1, 3, 5, 7, 9][digit] ?? 0;

const meetsLuhn = (id: string): boolean =>
  [...id]
    .toReversed()
    .reduce(
      (sum, digit, index) => sum + (index % 2 === 1 ? doubled(Number(digit)) : Number(digit)),
      0,
    ) %
    10 ===
  0;

function american(faker: Faker): string {
  const area = faker.number.int({ min: 1, max: 899 });
  return `${String(area === 666 ? 667 : area).padStart(3, "0")}-${two(faker.number.int({ min: 1, max: 99 }))}-${String(faker.number.int({ min: 1, max: 9999 })).padStart(4, "0")}`;
}

function british(faker: Faker): string {
  const prefix = faker.helpers.arrayElement([
    "AB",
    "CE",
    "HJ",
    "JK",
    "LM",
    "PR",
    "SX",
    "TA",
    "WP",
    "YZ",
  ]);
  const pairs = [digits(faker, 2), digits(faker, 2), digits(faker, 2)];
  const suffix = faker.helpers.arrayElement(["A", "B", "C", "D"]);
  return faker.datatype.boolean()
    ? `${prefix} ${pairs.join(" ")} ${suffix}`
    : prefix + pairs.join("") + suffix;
}

function spanish(faker: Faker): string {
  const number = digits(faker, 8);
  const letter = "TRWAGMYFPDXBNJZSQVHLCKE"[Number(number) % 23] ?? "";
  return faker.datatype.boolean() ? number + letter : `${number}-${letter}`;
}

function french(faker: Faker): string {
  const { short, month } = birth(faker);
  const parts = [
    faker.helpers.arrayElement(["1", "2"]),
    short,
    month,
    two(faker.number.int({ min: 1, max: 95 })),
    digits(faker, 3),
    digits(faker, 3),
  ];
  const key = two(Number(97n - (BigInt(parts.join("")) % 97n)));
  return [...parts, key].join(faker.datatype.boolean() ? " " : "");
}

function polish(faker: Faker): string {
  return completed(
    () => {
      const { year, short, month, day } = birth(faker);
      return short + two(Number(month) + (year >= 2000 ? 20 : 0)) + day + digits(faker, 4);
    },
    oneDigit,
    (id) => sumOf(id, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]) % 10 === 0,
  );
}

function dutch(faker: Faker): string {
  return completed(
    () => faker.string.numeric({ length: 8, allowLeadingZeros: false }),
    oneDigit,
    (id) => sumOf(id, [9, 8, 7, 6, 5, 4, 3, 2, -1]) % 11 === 0,
  );
}

function belgian(faker: Faker): string {
  const { year, short, month, day } = birth(faker);
  const serial = digits(faker, 3);
  const check = two(
    97 - (Number(`${year >= 2000 ? "2" : ""}${short}${month}${day}${serial}`) % 97),
  );
  return `${short}.${month}.${day}-${serial}.${check}`;
}

function swedish(faker: Faker): string {
  const { year, short, month, day } = birth(faker);
  const id = completed(() => short + month + day + digits(faker, 3), oneDigit, meetsLuhn);
  const century = faker.datatype.boolean() ? String(Math.floor(year / 100)) : "";
  return `${century}${id.slice(0, 6)}-${id.slice(6)}`;
}

function finnish(faker: Faker): string {
  const { year, short, month, day } = birth(faker);
  const serial = String(faker.number.int({ min: 2, max: 899 })).padStart(3, "0");
  const sign = "0123456789ABCDEFHJKLMNPRSTUVWXY"[Number(day + month + short + serial) % 31] ?? "";
  return `${day}${month}${short}${year >= 2000 ? "A" : "-"}${serial}${sign}`;
}

function german(faker: Faker): string {
  const meets = (id: string): boolean => {
    const rest = Array.from(id.slice(0, 10)).reduce((product, digit) => {
      const sum = (Number(digit) + product) % 10 || 10;
      return (sum * 2) % 11;
    }, 10);
    return (rest + Number(id[10])) % 10 === 1;
  };
  const id = completed(
    () => {
      const [leaving, ...others] = faker.helpers.shuffle([...oneDigit]);
      const repeated = others[0] === "0" ? (others[1] ?? "1") : (others[0] ?? "1");
      const stem = faker.helpers
        .shuffle([...oneDigit.filter((digit) => digit !== leaving), repeated])
        .join("");
      return stem.replace(/^0(.*?)([1-9])/, "$2$10");
    },
    oneDigit,
    meets,
  );
  return faker.datatype.boolean()
    ? id
    : `${id.slice(0, 2)} ${id.slice(2, 5)} ${id.slice(5, 8)} ${id.slice(8)}`;
}

function swiss(faker: Faker): string {
  const id = completed(
    () => `756${digits(faker, 9)}`,
    oneDigit,
    (candidate) => sumOf(candidate, [1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]) % 10 === 0,
  );
  return `${id.slice(0, 3)}.${id.slice(3, 7)}.${id.slice(7, 11)}.${id.slice(11)}`;
}

function brazilian(faker: Faker): string {
  const meets = (id: string): boolean =>
    [9, 10].every((length) => {
      const weights = Array.from({ length }, (_, index) => length + 1 - index);
      const rest = sumOf(id.slice(0, length), weights) % 11;
      return Number(id[length]) === (rest < 2 ? 0 : 11 - rest);
    });
  const pairs = Array.from({ length: 100 }, (_, value) => two(value));
  const id = completed(() => digits(faker, 9), pairs, meets);
  return `${id.slice(0, 3)}.${id.slice(3, 6)}.${id.slice(6, 9)}-${id.slice(9)}`;
}

/** What people call the number, and a maker of numbers, by country. */
export const identifiers: readonly {
  called: string;
  make: (faker: Faker) => string;
  distinct: boolean;
}[] = [
  { called: "SSN", make: american, distinct: true },
  { called: "social security number", make: american, distinct: true },
  { called: "National Insurance number", make: british, distinct: true },
  { called: "DNI", make: spanish, distinct: true },
  { called: "numéro de sécurité sociale", make: french, distinct: true },
  { called: "PESEL", make: polish, distinct: false },
  { called: "BSN", make: dutch, distinct: false },
  { called: "rijksregisternummer", make: belgian, distinct: true },
  { called: "personnummer", make: swedish, distinct: true },
  { called: "HETU", make: finnish, distinct: true },
  { called: "Steuer-ID", make: german, distinct: false },
  { called: "AHV-Nummer", make: swiss, distinct: true },
  { called: "CPF", make: brazilian, distinct: true },
];
