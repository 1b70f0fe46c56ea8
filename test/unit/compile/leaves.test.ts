import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { externalIdOf } from "../../../src/compile/index.ts";
import { countable, scaledUsd } from "../../../src/compile/money.ts";
import { modelIdentity, processingRegions } from "../../../src/compile/processing-regions.ts";
import { hostAllowed, roleAllowed } from "../../../src/compile/settings.ts";

describe("money", () => {
  test.each([
    ["0.1", 6, 100_000],
    ["0.29", 6, 290_000],
    ["3", 6, 3_000_000],
    ["0.000001", 6, 1],
    ["999999999.999999", 6, 999_999_999_999_999],
    ["0.00015", 12, 150_000_000],
    ["007.50", 6, 7_500_000],
  ])("%s USD are %i decimals finer %i units", (usd, decimals, units) => {
    expect(scaledUsd(usd, decimals)).toBe(units);
  });

  test("every amount that a price may have is counted exactly", () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 999_999_999 }),
        fc.stringMatching(/^[0-9]{1,6}$/),
        (whole, fraction) => {
          const units = scaledUsd(`${whole}.${fraction}`, 6);
          expect(BigInt(units)).toBe(BigInt(whole) * 1_000_000n + BigInt(fraction.padEnd(6, "0")));
        },
      ),
    );
  });

  test("an amount beyond the exact numbers is told rather than rounded", () => {
    expect(countable("9007.199254", 12)).toBe(true);
    expect(countable("9007.199255", 12)).toBe(false);
    expect(() => scaledUsd("9007.199255", 12)).toThrow(RangeError);
  });
});

describe("allow lists", () => {
  test.each([
    ["a.example.com", ["a.example.com"], true],
    ["A.Example.com", ["a.example.COM"], true],
    ["a.example.com", ["*.example.com"], true],
    ["b.a.example.com", ["*.example.com"], true],
    ["example.com", ["*.example.com"], false],
    ["evilexample.com", ["*.example.com"], false],
    ["a.example.com.evil.org", ["*.example.com"], false],
    ["a.example.com", ["*"], true],
    ["a.example.com", [], false],
  ])("host %s against %j: %s", (host, patterns, allowed) => {
    expect(hostAllowed(host, patterns)).toBe(allowed);
  });

  test.each([
    ["arn:aws:iam::1:role/a", ["arn:aws:iam::1:role/a"], true],
    ["arn:aws:iam::1:role/ab", ["arn:aws:iam::1:role/a"], false],
    ["arn:aws:iam::1:role/team/ab", ["arn:aws:iam::1:role/team/*"], true],
    ["arn:aws:iam::2:role/team/ab", ["arn:aws:iam::1:role/team/*"], false],
    ["arn:aws:iam::1:role/a", [], false],
  ])("role %s against %j: %s", (role, patterns, allowed) => {
    expect(roleAllowed(role, patterns)).toBe(allowed);
  });
});

const regionsOf = (modelId: string, declared?: string[]) =>
  processingRegions({
    bedrock: {
      modelId,
      region: "eu-central-1",
      ...(declared === undefined ? {} : { processingRegions: declared }),
    },
  } as Parameters<typeof processingRegions>[0]);

describe("processing regions", () => {
  test.each([
    ["anthropic.claude-sonnet-4-5-20250929-v1:0"],
    ["ai21.jamba-1-5-large-v1:0"],
    ["amazon.nova-micro-v1:0"],
    ["arn:aws:bedrock:eu-central-1::foundation-model/amazon.nova-micro-v1:0"],
    ["arn:aws:bedrock:eu-central-1:111122223333:provisioned-model/abc123"],
    ["arn:aws:bedrock:eu-central-1:111122223333:custom-model-deployment/abc123"],
    ["arn:aws:sagemaker:eu-central-1:111122223333:endpoint/llama"],
  ])("%s is processed in its own region", (modelId) => {
    expect(regionsOf(modelId)).toEqual(["eu-central-1"]);
  });

  test.each([
    ["us.anthropic.claude-sonnet-4-5-20250929-v1:0"],
    ["eu.amazon.nova-pro-v1:0"],
    ["apac.amazon.nova-pro-v1:0"],
    ["jp.anthropic.claude-sonnet-4-5-20250929-v1:0"],
    ["us-gov.anthropic.claude-3-haiku-20240307-v1:0"],
    ["global.anthropic.claude-sonnet-4-5-20250929-v1:0"],
    ["arn:aws:bedrock:eu-central-1:111122223333:inference-profile/eu.amazon.nova-pro-v1:0"],
    ["arn:aws:bedrock:eu-central-1:111122223333:application-inference-profile/abc123"],
    ["arn:aws:bedrock:eu-central-1:111122223333:default-prompt-router/anthropic.claude:1"],
    ["arn:aws:bedrock:eu-central-1:111122223333:something-of-next-year/x"],
    ["abc123def456"],
  ])("%s is processed where its author says, and else nobody knows where", (modelId) => {
    expect(regionsOf(modelId)).toBeNull();
    expect(regionsOf(modelId, ["eu-west-1", "eu-central-1"])).toEqual([
      "eu-central-1",
      "eu-west-1",
    ]);
  });

  test("a plain model cannot be declared out of its region", () => {
    expect(regionsOf("amazon.nova-micro-v1:0", ["eu-west-1"])).toEqual([
      "eu-central-1",
      "eu-west-1",
    ]);
  });
});

test.each([
  [{ modelId: "eu.cohere.embed-v4:0" }, "cohere.embed-v4:0"],
  [
    { modelId: "arn:aws:bedrock:eu-central-1::foundation-model/cohere.embed-v4:0" },
    "cohere.embed-v4:0",
  ],
  [{ endpointName: "tei", inferenceComponent: "bge" }, "tei/bge"],
  [{ endpointName: "tei" }, "tei"],
])("the model of %j is %s", (target, identity) => {
  expect(modelIdentity(target)).toBe(identity);
});

test("two namespaces never share an external id", () => {
  expect(externalIdOf("shop")).toBe("switchyard/shop");
  expect(externalIdOf("shop")).not.toBe(externalIdOf("shop-2"));
});
