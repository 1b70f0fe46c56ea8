import { describe, expect, it } from "vitest";
import { readAwsEnvironment } from "../../../src/cli/aws-environment.ts";
import { reachBackends } from "../../../src/cli/backend-reach.ts";
import { UsageError } from "../../../src/cli/usage-error.ts";
import { bedrockBackend } from "../../support/bedrock-backend.ts";

const anywhere = "https://all.example";
const bedrock = "https://bedrock.example";
const sageMaker = "http://sagemaker.example:8080";

describe("AWS's own variables", () => {
  it("ask for nothing where they are unset, empty or false", () => {
    const nothing = { fips: false, dualStack: false, endpoints: {} };
    expect(readAwsEnvironment({ PATH: "/bin" })).toEqual(nothing);
    const unset = {
      AWS_USE_FIPS_ENDPOINT: "false",
      AWS_USE_DUALSTACK_ENDPOINT: "",
      AWS_ENDPOINT_URL: "",
    };
    expect(readAwsEnvironment(unset)).toEqual(nothing);
  });

  it("ask for other endpoints, one for each service before one for all", () => {
    expect(
      readAwsEnvironment({ AWS_USE_FIPS_ENDPOINT: "true", AWS_USE_DUALSTACK_ENDPOINT: "true" }),
    ).toEqual({ fips: true, dualStack: true, endpoints: {} });
    expect(readAwsEnvironment({ AWS_ENDPOINT_URL: anywhere }).endpoints).toEqual({
      Bedrock: anywhere,
      SageMaker: anywhere,
    });
    const each = {
      AWS_ENDPOINT_URL: anywhere,
      AWS_ENDPOINT_URL_BEDROCK_RUNTIME: bedrock,
      AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME: sageMaker,
    };
    expect(readAwsEnvironment(each).endpoints).toEqual({ Bedrock: bedrock, SageMaker: sageMaker });
    const ignored = { ...each, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true" };
    expect(readAwsEnvironment(ignored).endpoints).toEqual({});
  });

  it("are all named that are wrong", () => {
    const wrong = { AWS_USE_FIPS_ENDPOINT: "yes", AWS_ENDPOINT_URL: "bedrock.example" };
    expect(() => readAwsEnvironment(wrong)).toThrow(UsageError);
    expect(() => readAwsEnvironment(wrong)).toThrow(
      /AWS_USE_FIPS_ENDPOINT: write true or false\nAWS_ENDPOINT_URL: write a URL/,
    );
  });

  it("hold for backends that name no endpoint, and where nothing stands in", () => {
    const environment = { fips: true, dualStack: false, endpoints: { SageMaker: sageMaker } };
    const plain = bedrockBackend("any.model");
    const named = bedrockBackend("any.model", { target: { endpoint: bedrock } });
    const target = {
      type: "SageMaker",
      endpointName: "e",
      region: "us-east-1",
      payload: "OpenAIChat",
    } as const;
    const reach = reachBackends(undefined, environment);
    expect(reach(plain)).toMatchObject({ fips: true, dualStack: false });
    expect(reach(plain).endpoint).toBeUndefined();
    expect(reach(named)).toMatchObject({ endpoint: bedrock });
    expect(reach({ ...plain, target })).toMatchObject({ endpoint: sageMaker });
    const standIn = { url: anywhere, credentials: { accessKeyId: "a", secretAccessKey: "b" } };
    expect(reachBackends(standIn, environment)({ ...plain, target })).toMatchObject({
      endpoint: anywhere,
    });
  });
});
