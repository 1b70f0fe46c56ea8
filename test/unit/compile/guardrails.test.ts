import { describe, expect, test } from "vitest";
import { refuseGuardrails, refuseOutside } from "../../../src/compile/guardrails.ts";
import type { ClassSettings } from "../../../src/compile/settings.ts";
import type { FilterEntry, GuardrailEntry } from "../../../src/table/index.ts";

const settings: ClassSettings = {
  endpointHosts: ["*.vpce.amazonaws.com"],
  allowLoopbackEndpoints: false,
  roleArns: ["arn:aws:iam::111122223333:role/guard-*"],
};

const asking = (guardrail: Partial<GuardrailEntry>): FilterEntry => ({
  name: "guard",
  type: "BedrockGuardrail",
  bedrockGuardrail: {
    id: "g1",
    version: "1",
    region: "eu-west-1",
    credentials: { type: "Ambient" },
    ...guardrail,
  },
  stage: "Both",
  action: "Block",
  streaming: "Buffer",
  onFailure: "Block",
});

const role = (name: string) => ({
  type: "AssumeRole" as const,
  roleArn: `arn:aws:iam::111122223333:role/${name}`,
  externalId: "switchyard/shop",
});

const found = (...safety: FilterEntry[]) =>
  refuseGuardrails({ kind: "ModelRoute", namespace: "shop", name: "r" }, { safety }, settings).map(
    ({ reason, path }) => [reason, path],
  );

describe("the guardrails that filters ask", () => {
  test("may be at AWS and where the class lets endpoints be, asked with its roles", () => {
    const endpoint = "https://vpce-1.bedrock-runtime.eu-west-1.vpce.amazonaws.com";
    expect(found(asking({}), asking({ endpoint, credentials: role("guard-1") }))).toEqual([]);
  });

  test.each([
    ["http://vpce-1.bedrock-runtime.eu-west-1.vpce.amazonaws.com"],
    ["https://elsewhere.example"],
    ["https://169.254.169.254"],
    ["https://127.0.0.1"],
  ])("may not be at %s", (endpoint) => {
    expect(found(asking({}), asking({ endpoint }))).toEqual([
      ["EndpointNotAllowed", "spec.safety[1].bedrockGuardrail.endpoint"],
    ]);
  });

  test("may not be asked with a role that the class does not list", () => {
    expect(found(asking({ credentials: role("admin") }))).toEqual([
      ["RoleNotAllowed", "spec.safety[0].bedrockGuardrail.credentials.assumeRole.roleArn"],
    ]);
  });
});

describe("a tenant's own guardrail", () => {
  const ref = { kind: "TenantPolicy", namespace: "shop", name: "acme" } as const;
  const outside = (residencyRegions: string[] | null) =>
    refuseOutside(ref, { safety: [asking({})], residencyRegions }).map(({ path }) => path);

  test("is in one of the regions that its texts are kept in", () => {
    expect(outside(null)).toEqual([]);
    expect(outside(["eu-central-1", "eu-west-1"])).toEqual([]);
    expect(outside(["eu-central-1"])).toEqual(["spec.safety[0].bedrockGuardrail.region"]);
  });
});
