// Secrets as their vendors describe them, with random content.
import type { Faker } from "@faker-js/faker";

const letters = "abcdefghijklmnopqrstuvwxyz";
const digits = "0123456789";
const alphanumeric = letters + letters.toUpperCase() + digits;
const hexadecimal = `${digits}abcdef`;

const some = (faker: Faker, from: string, length: number): string =>
  faker.string.fromCharacters(from, length);

const base64 = (faker: Faker, bytes: number): string =>
  Buffer.from(some(faker, alphanumeric, bytes)).toString("base64");

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

const makers: readonly ((faker: Faker) => string)[] = [
  (faker) => `AKIA${some(faker, `${letters.toUpperCase()}234567`, 16)}`,
  (faker) => `ghp_${some(faker, alphanumeric, 36)}`,
  (faker) => `github_pat_${some(faker, alphanumeric, 22)}_${some(faker, alphanumeric, 59)}`,
  (faker) => `glpat-${some(faker, `${alphanumeric}_`, 20)}`,
  (faker) =>
    `xoxb-${some(faker, digits, 12)}-${some(faker, digits, 13)}-${some(faker, alphanumeric, 24)}`,
  (faker) =>
    `https://hooks.slack.com/services/T${some(faker, alphanumeric.toUpperCase(), 8)}/B${some(faker, alphanumeric.toUpperCase(), 10)}/${some(faker, alphanumeric, 24)}`,
  (faker) => `sk_live_${some(faker, alphanumeric, 24)}`,
  (faker) => `sk-proj-${some(faker, `${alphanumeric}_-`, 73)}A`,
  (faker) => `sk-ant-api03-${some(faker, `${alphanumeric}_-`, 93)}AA`,
  (faker) => `AIza${some(faker, `${alphanumeric}_-`, 34)}Z`,
  (faker) => `hf_${some(faker, letters + letters.toUpperCase(), 34)}`,
  (faker) => `npm_${some(faker, alphanumeric, 36)}`,
  (faker) => `SG.${some(faker, alphanumeric, 22)}.${some(faker, alphanumeric, 43)}`,
  (faker) => `dop_v1_${some(faker, hexadecimal, 64)}`,
  (faker) => `shpat_${some(faker, hexadecimal, 32)}`,
  (faker) => `glsa_${some(faker, alphanumeric, 32)}_${some(faker, hexadecimal, 8)}`,
  (faker) =>
    `${part({ alg: "HS256", typ: "JWT" })}.${part({ sub: faker.string.uuid(), iat: 1_700_000_000 })}.${some(faker, `${alphanumeric}_-`, 42)}A`,
  (faker) =>
    `-----BEGIN RSA PRIVATE KEY-----\n${(base64(faker, 600).match(/.{1,64}/g) ?? []).join("\n")}\n-----END RSA PRIVATE KEY-----`,
];

/** A text around a secret, and the secret in it. */
export interface Told {
  before: string;
  secret: string;
  after: string;
}

const password = (faker: Faker): string =>
  faker.internet.password({ length: 14, pattern: /[A-Za-z0-9!#%*+_-]/, prefix: "q7R" });

const assigned: readonly ((faker: Faker) => Told)[] = [
  (faker) => ({
    before: "AWS_SECRET_ACCESS_KEY=",
    secret: some(faker, `${alphanumeric}+/`, 40),
    after: "",
  }),
  (faker) => ({
    before: "postgres://app:",
    secret: some(faker, alphanumeric, 16),
    after: `@db.${faker.internet.domainName()}:5432/main`,
  }),
  (faker) => ({ before: "password: ", secret: password(faker), after: "" }),
  (faker) => ({ before: "The password is ", secret: password(faker), after: " for now" }),
  (faker) => ({ before: `api_key = "`, secret: some(faker, alphanumeric, 32), after: `"` }),
  (faker) => ({
    before: `{"client_secret": "`,
    secret: some(faker, alphanumeric, 40),
    after: `"}`,
  }),
  (faker) => ({
    before: "Authorization: Bearer ",
    secret: some(faker, alphanumeric, 40),
    after: "",
  }),
  (faker) => ({ before: "export DB_PASSWORD='", secret: password(faker), after: "'" }),
  (faker) => ({
    before: "AccountKey=",
    secret: `${some(faker, `${alphanumeric}+/`, 86)}==`,
    after: ";EndpointSuffix=core.windows.net",
  }),
];

/** Two of three are tokens that speak for themselves. */
export function toldSecret(faker: Faker): Told {
  if (faker.number.int(2) === 0) return faker.helpers.arrayElement(assigned)(faker);
  const opening = faker.helpers.arrayElement([
    "",
    "token: ",
    "use ",
    "key=",
    "I pasted ",
    "curl -H 'X-Key: ",
  ]);
  return { before: opening, secret: faker.helpers.arrayElement(makers)(faker), after: "" };
}
