// Texts with personal data and secrets in them, made by Faker and by rules of its own: no detector's
// pattern, list or checksum is used, so that what they miss shows.
import { allLocales, Faker, type LocaleDefinition } from "@faker-js/faker";
import { identifiers } from "./identifiers.ts";
import { nearMisses } from "./near-misses.ts";
import { corpusTypes, type CorpusType, type Document } from "./score.ts";
import { toldSecret, type Told } from "./tokens.ts";

const definitions: Readonly<Record<string, LocaleDefinition | undefined>> = allLocales;

const seed = 20_241_128;
const perType = 400;

const locales = [
  "en_US",
  "en_GB",
  "de",
  "fr",
  "es",
  "it",
  "nl",
  "pl",
  "sv",
  "pt_BR",
  "en_IN",
  "en_AU",
  "ja",
] as const;

const tellings = {
  Email: [
    "",
    "Email: ",
    "Please write to ",
    "cc ",
    "My address is ",
    "<",
    "mailto:",
    "contact=",
    "Reach her at ",
  ],
  Phone: [
    "Phone: ",
    "Call me at ",
    "Tel. ",
    "My mobile is ",
    "You can reach us on ",
    "WhatsApp ",
    "Fax: ",
    "Handy: ",
  ],
  Card: [
    "Card: ",
    "Charge ",
    "I paid with ",
    "",
    "Visa ",
    "my credit card number is ",
    "cc=",
    "PAN ",
  ],
  Iban: ["IBAN: ", "Transfer it to ", "", "Konto ", "Please pay into ", "account "],
  IpAddress: [
    "",
    "from ",
    "IP: ",
    "Login from ",
    "client=",
    "ssh admin@",
    "Blocked ",
    "X-Forwarded-For: ",
    "http://",
  ],
  BirthDate: [
    "Born on ",
    "DOB: ",
    "Date of birth: ",
    "date_of_birth=",
    "He was born ",
    "geboren am ",
    "née le ",
    "birthday: ",
    "D.O.B. ",
  ],
} as const;

const closings = ["", ".", ", thanks", " and so on.", "\n", " (see above)"];

type Maker = (faker: Faker) => Told;

const told =
  (type: keyof typeof tellings, make: (faker: Faker) => string): Maker =>
  (faker) => ({
    before: faker.helpers.arrayElement(tellings[type]),
    secret: make(faker),
    after: "",
  });

function phone(faker: Faker): Told {
  const style = faker.helpers.arrayElement(["national", "international", "human"] as const);
  const local = inLocale(faker);
  const number = local.phone.number({ style });
  // A third stands by itself, in a form that says what it is.
  const alone = style === "international" && faker.datatype.boolean();
  return {
    before: alone ? "" : faker.helpers.arrayElement(tellings.Phone),
    secret: number,
    after: "",
  };
}

function card(faker: Faker): string {
  const issuer = faker.helpers.arrayElement([
    "visa",
    "mastercard",
    "american_express",
    "discover",
    "jcb",
    "diners_club",
  ]);
  const number = faker.finance.creditCardNumber(issuer);
  return faker.helpers.arrayElement([
    number,
    number.replaceAll("-", " "),
    number.replaceAll("-", ""),
  ]);
}

function nationalId(faker: Faker): Told {
  const { called, make, distinct } = faker.helpers.arrayElement(identifiers);
  const alone = distinct && faker.number.int(3) === 0;
  const joint = faker.helpers.arrayElement([": ", " ", " is ", "="]);
  return { before: alone ? "" : called + joint, secret: make(faker), after: "" };
}

const ipAddress = (faker: Faker): string =>
  faker.number.int(3) === 0 ? faker.internet.ipv6() : faker.internet.ipv4();

function birthDate(faker: Faker): string {
  const date = faker.date.birthdate({ refDate: "2024-01-01" });
  const locale = faker.helpers.arrayElement(["en-US", "en-GB", "de-DE", "fr-FR", "es-ES"]);
  const style = faker.helpers.arrayElement(["long", "medium", "iso"] as const);
  if (style === "iso") return date.toISOString().slice(0, 10);
  return new Intl.DateTimeFormat(locale, { dateStyle: style, timeZone: "UTC" }).format(date);
}

const positives: Readonly<Record<CorpusType, Maker>> = {
  Email: told("Email", (faker) => inLocale(faker).internet.email()),
  Phone: phone,
  Card: told("Card", card),
  Iban: told("Iban", (faker) => faker.finance.iban({ formatted: faker.datatype.boolean() })),
  NationalId: nationalId,
  IpAddress: told("IpAddress", ipAddress),
  BirthDate: told("BirthDate", birthDate),
  Secret: toldSecret,
};

const definitionsOf = (...names: readonly string[]): LocaleDefinition[] =>
  names.map((name) => definitions[name]).filter((definition) => definition !== undefined);

/** A Faker of another country, seeded from the one that is given. */
function inLocale(faker: Faker): Faker {
  const name = faker.helpers.arrayElement(locales);
  const local = new Faker({
    locale: definitionsOf(name, "en", "base"),
    seed: faker.number.int(2 ** 31),
  });
  return local;
}

const filler = (faker: Faker): string =>
  faker.helpers.arrayElement([
    "",
    `${faker.hacker.phrase()} `,
    `${faker.person.fullName()} asked about the ${faker.commerce.productName()}. `,
    `Summarise this for ${faker.company.name()}:\n`,
    `${faker.company.catchPhrase()} — `,
  ]);

function positive(faker: Faker, type: CorpusType): Document {
  const { before, secret, after } = positives[type](faker);
  const opening = filler(faker) + before;
  const start = opening.length;
  // An open quote or bracket is closed by what follows the value, as writers do.
  const closing =
    after === "" && !secret.includes("\n") ? faker.helpers.arrayElement(closings) : after;
  const text = opening + secret + closing;
  return { text, spans: [{ start, end: start + secret.length, type }] };
}

/** @returns 400 positives and 400 near-misses of each type; the same ones every time */
export function makeCorpus(): Document[] {
  const faker = new Faker({
    locale: definitionsOf("en", "base"),
    seed,
  });
  faker.setDefaultRefDate("2024-01-01T00:00:00Z");
  return corpusTypes.flatMap((type) =>
    Array.from({ length: perType }, () => [
      positive(faker, type),
      { text: filler(faker) + faker.helpers.arrayElement(nearMisses[type])(faker), spans: [] },
    ]).flat(),
  );
}
