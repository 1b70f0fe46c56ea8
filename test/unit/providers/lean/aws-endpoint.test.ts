import { BedrockRuntimeClient } from "@aws-sdk/client-bedrock-runtime";
import { SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { describe, expect, it } from "vitest";
import {
  awsEndpoint,
  type AwsService,
  type Place,
} from "../../../../src/providers/lean/aws-endpoint.ts";

const regions = [
  "us-east-1",
  "eu-central-1",
  "ap-southeast-7",
  "mx-central-1",
  "cn-north-1",
  "us-gov-west-1",
  "us-iso-east-1",
  "us-isob-east-1",
  "eu-isoe-west-1",
  "us-isof-south-1",
  "eusc-de-east-1",
  "xx-somewhere-9",
];

async function resolvedBySdk(service: AwsService, place: Place): Promise<string> {
  const Client = service === "bedrock" ? BedrockRuntimeClient : SageMakerRuntimeClient;
  const { region, fips, dualStack } = place;
  const { config } = new Client({ region });
  const { url } = config.endpointProvider(
    { Region: region, UseFIPS: fips, UseDualStack: dualStack },
    {},
  );
  return url.href.replace(/\/$/, "");
}

describe("a service's endpoint is the SDK's", () => {
  const variants = [false, true].flatMap((fips) =>
    [false, true].map((dualStack) => ({ fips, dualStack })),
  );
  for (const service of ["bedrock", "sagemaker"] as const) {
    it.each(regions)(`for ${service} in %s, of every kind`, async (region) => {
      for (const variant of variants) {
        const place = { region, ...variant };
        expect(awsEndpoint(service, place)).toBe(await resolvedBySdk(service, place));
      }
    });
  }
});
