// Texts that look like what the detectors seek and are not it.
import type { Faker } from "@faker-js/faker";
import type { CorpusType } from "./score.ts";

type Maker = (faker: Faker) => string;

const number = (faker: Faker, length: number): string =>
  faker.string.numeric({ length, allowLeadingZeros: false });

/** One digit changed to its neighbour: every check digit in use tells. */
const spoilt = (faker: Faker, text: string): string => {
  const places = [...text.matchAll(/\d/g)].map(({ index }) => index).slice(-6);
  const place = faker.helpers.arrayElement(places);
  return text.slice(0, place) + ((Number(text[place]) + 1) % 10) + text.slice(place + 1);
};

const day = (faker: Faker): string => {
  const iso = faker.date.past({ years: 30, refDate: "2024-01-01" }).toISOString().slice(0, 10);
  const [year, month, date] = iso.split("-");
  return faker.helpers.arrayElement([iso, `${date}/${month}/${year}`, `${date}.${month}.${year}`]);
};

const version = (faker: Faker): string =>
  Array.from({ length: 4 }, () => faker.number.int(40)).join(".");

export const nearMisses: Readonly<Record<CorpusType, readonly Maker[]>> = {
  Email: [
    (faker) => `Follow us at @${faker.internet.username()} for news.`,
    (faker) =>
      `git clone git@github.com:${faker.hacker.noun()}/${faker.hacker.noun().replace(" ", "-")}.git`,
    (faker) =>
      `Pin it to ${faker.hacker.noun().replace(" ", "-")}@${version(faker).slice(0, 5)} in the lock file.`,
    (faker) => `The image ${faker.hacker.noun().replace(" ", "-")}@2x.png is too large.`,
    (faker) => `Log in as root@localhost, then run ${faker.hacker.verb()}.`,
    (faker) => `Write to ${faker.person.firstName()} [at] our office (dot) com.`,
    () => "Use the decorator @app.route on each handler.",
  ],
  Phone: [
    (faker) => `Your order ${number(faker, 10)} has shipped.`,
    (faker) => `Invoice no. ${number(faker, 8)} of ${day(faker)} is open.`,
    (faker) =>
      `The population was ${faker.number.int({ min: 1_000_000, max: 90_000_000 }).toLocaleString("en-US")} then.`,
    (faker) => `ISBN ${faker.commerce.isbn()} is out of print.`,
    (faker) => `The point is at ${faker.location.latitude()}, ${faker.location.longitude()}.`,
    (faker) => `It took ${number(faker, 7)} ms over ${number(faker, 9)} rows.`,
    (faker) => `Ticket ${number(faker, 3)}-${number(faker, 7)} was closed.`,
    (faker) =>
      `The years ${faker.number.int({ min: 1900, max: 1950 })}-${faker.number.int({ min: 1951, max: 1999 })} were hard.`,
    (faker) => `Unix time ${number(faker, 10)} is what the log says.`,
    (faker) => `Sum of ${number(faker, 3)} + ${number(faker, 4)} + ${number(faker, 4)} units.`,
  ],
  Card: [
    (faker) =>
      `Card ${spoilt(faker, faker.finance.creditCardNumber("visa"))} was declined as invalid.`,
    (faker) => `Tracking number ${number(faker, 16)} is on its way.`,
    (faker) => `IMEI ${faker.phone.imei().replaceAll("-", "")} is blocked.`,
    (faker) => `Trace id ${number(faker, 19)} shows it.`,
    (faker) => `Row ${spoilt(faker, faker.finance.creditCardNumber("mastercard"))} of the table.`,
  ],
  Iban: [
    (faker) => `Account ${spoilt(faker, faker.finance.iban())} does not exist.`,
    (faker) => `BIC ${faker.finance.bic()} belongs to the bank.`,
    (faker) => `Flight GB${number(faker, 2)} and hall DE${number(faker, 4)}.`,
    (faker) => `Serial ${faker.string.alpha({ length: 2, casing: "upper" })}${number(faker, 18)}.`,
  ],
  NationalId: [
    (faker) =>
      `The number ${faker.helpers.arrayElement(["000", "666", "987"])}-${number(faker, 2)}-${number(faker, 4)} is not given out.`,
    (faker) => `Part ${number(faker, 3)}-${number(faker, 2)}-${number(faker, 4)} is in stock.`,
    (faker) => `The zip code is ${number(faker, 5)}-${number(faker, 4)}.`,
    (faker) => `Reference BG ${number(faker, 6)} A was lost.`,
    (faker) => `We counted ${number(faker, 9)} and ${number(faker, 11)} of them.`,
    (faker) => `Batch ${number(faker, 6)}-${number(faker, 4)} passed.`,
  ],
  IpAddress: [
    (faker) => `Upgrade to version ${version(faker)} at once.`,
    (faker) => `See section ${version(faker)} of the manual.`,
    (faker) =>
      `The host ${faker.number.int({ min: 256, max: 999 })}.${version(faker).slice(0, 4)} cannot be.`,
    (faker) =>
      `It starts at ${number(faker, 1)}:${faker.number.int({ min: 10, max: 59 })}:${faker.number.int({ min: 10, max: 59 })}.`,
    (faker) => `The adapter is ${faker.internet.mac()}.`,
    () => "Call std::vector::push_back or Foo::Bar instead.",
    (faker) => `Driver build ${version(faker)} fails, v${version(faker)} works.`,
    () => "Listen on 127.0.0.1 with netmask 255.255.255.0.",
  ],
  BirthDate: [
    (faker) => `The meeting is on ${day(faker)}.`,
    (faker) => `Invoice date: ${day(faker)}`,
    (faker) => `The company was founded on ${day(faker)}.`,
    (faker) => `Released ${day(faker)}, revised ${day(faker)}.`,
    (faker) => `Her passport expires ${day(faker)}.`,
    (faker) => `${day(faker)} was a ${faker.date.weekday()}.`,
    (faker) => `A star is born; the film opened on ${day(faker)}.`,
  ],
  Secret: [
    (faker) => `Commit ${faker.git.commitSha()} broke it.`,
    (faker) => `The request id is ${faker.string.uuid()}.`,
    () => "password: ${DB_PASSWORD}",
    () => "Set api_key to your-api-key-here first.",
    () => "The password is required and must have 12 characters.",
    (faker) => `sha256:${faker.string.hexadecimal({ length: 64, prefix: "", casing: "lower" })}`,
    () => "token = process.env.API_TOKEN",
    (faker) => `The class sk-${faker.hacker.noun().replace(" ", "-")}-wrapper is used there.`,
    () => "export SECRET=<your secret>",
    (faker) => `The secret of ${faker.hacker.noun()} is ${faker.hacker.adjective()} work.`,
  ],
};
