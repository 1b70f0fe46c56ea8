import { describe, expect, it } from "vitest";
import { filterOf, found } from "./found.ts";

const secrets = filterOf({ name: "secrets", type: "Secrets" });
// Put together here, so that no scanner of this repository takes them for real ones.
const random = "q7Rk2LmZ9xTb4WcY8vNd3HsJ6pGf1QaE5uKo0iXr";
const token = (prefix: string, length: number): string =>
  prefix + random.repeat(8).slice(0, length);

describe("secrets are found by their vendors' forms", () => {
  it.each([
    ["aws-access-key-id", "AKIA" + "QWERTZUIOP234567"],
    ["github-token", token("ghp_", 36)],
    ["github-fine-grained-token", token("github_pat_", 82)],
    ["gitlab-token", token("glpat-", 20)],
    ["slack-token", token("xoxb-123456789012-", 24)],
    ["stripe-key", token("sk_live_", 24)],
    ["openai-key", token("sk-proj-", 74)],
    ["sk-key", token("sk-", 48)],
    ["anthropic-key", token("sk-ant-api03-", 95)],
    ["google-api-key", token("AIza", 35)],
    ["npm-token", token("npm_", 36)],
    ["sendgrid-key", `${token("SG.", 22)}.${token("", 43)}`],
    ["json-web-token", `${token("eyJ", 30)}.${token("eyJ", 40)}.${token("", 43)}`],
    ["telegram-token", token("1234567890:AA", 33)],
    ["azure-client-secret", `a1B8Q~${random.slice(0, 34)}`],
    ["brevo-key", `xkeysib-${"9f86d081884c7d65".repeat(4)}-${random.slice(0, 16)}`],
    ["dynatrace-token", `dt0c01.${"Q7RK2LMZ9XTB4WCY8VND3HSJ"}.${"Q7RK2LMZ9XTB4WCY".repeat(4)}`],
    ["pinecone-key", token("pcsk_", 60)],
    ["nuget-key", `oy2${random.toLowerCase().repeat(2).slice(0, 43)}`],
    ["private-key", "-----BEGIN EC PRIVATE KEY-----\nMHcCAQ\n-----END EC PRIVATE KEY-----"],
  ])("%s", (name, secret) => {
    expect(found(secrets, `Take ${secret}, it works`)).toEqual([`secrets/${name}: ${secret}`]);
  });
});

describe("secrets are found by what they are assigned to", () => {
  it.each([
    ["password: hunter2!x", "assigned-secret: hunter2!x"],
    [`{"client_secret": "${random}"}`, `assigned-secret: ${random}`],
    ["The password is Tr0ub4dor&3.", "assigned-secret: Tr0ub4dor&3"],
    [
      "API key 12345678-abcd-ef12-3456-7890abcdef12",
      "assigned-secret: 12345678-abcd-ef12-3456-7890abcdef12",
    ],
    ["postgres://app:s3cret9@db:5432/main", "connection-string: s3cret9"],
    [`Authorization: Bearer ${random}`, `authorization: ${random}`],
    [`AccountKey=${random + random}==`, `azure-key: ${random + random}==`],
    [`aws_secret = ${random}`, `aws-secret-access-key: ${random}`],
    [`"secretAccessKey": "${random}"`, `assigned-secret: ${random}`],
    ["secret=MbdRKx1YvsiCWR7", "assigned-secret: MbdRKx1YvsiCWR7"],
    ['"auth_token": "hNlOLfHMVCQrIOhYXnuEMEgq"', "assigned-secret: hNlOLfHMVCQrIOhYXnuEMEgq"],
    ["pw: J7aZdUsotf87", "assigned-secret: J7aZdUsotf87"],
    ["dbPassword: 'hunter2!x'", "assigned-secret: hunter2!x"],
    ["sshpass -p 'Z6nwRI3ZJk4' ssh host", "command-line: Z6nwRI3ZJk4"],
    ["curl -s -u admin:Z6nwRI3ZJk4 https://host", "command-line: Z6nwRI3ZJk4"],
    ["deploy --token Z6nwRI3ZJk4 now", "command-line: Z6nwRI3ZJk4"],
  ])("%s", (text, expected) => {
    expect(found(secrets, text)).toEqual([`secrets/${expected}`]);
  });
});

describe("what stands in for a secret is none", () => {
  it.each([
    "password: ${DB_PASSWORD}",
    "api_key = <your key>",
    "token = process.env.TOKEN_2",
    "password: required",
    "The secret is out, and the password was wrong",
    `ghp_${"x".repeat(36)}`,
    "commit 9fceb02d0ae598e95dc970b74767f19372d61af8",
    "id 123e4567-e89b-12d3-a456-426614174000",
    "sk-button-wrapper-primary-large-rounded",
    "password: reader.readStringNT()",
    "aws-sdk at 9fceb02d0ae598e95dc970b74767f19372d61af8",
    "auth_token: getAccessTokenFromCookieStore",
    "next_page_token=CAoQAA7rk2LmZ9xTb4WcY8",
    "deploy --token $TOKEN, --password <yours>",
    "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
  ])("%s", (text) => {
    expect(found(secrets, text)).toEqual([]);
  });

  it("is what the settings say it is", () => {
    const secret = token("ghp_", 36);
    const filter = filterOf({ name: "s", type: "Secrets", secrets: { ignore: [secret] } });
    expect(found(filter, `${secret} ${token("gho_", 36)}`)).toHaveLength(1);
  });
});
