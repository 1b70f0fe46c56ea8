import { z } from "zod";
import { invariant } from "./invariant.ts";
import { set } from "./lists.ts";
import { guardrailVersion, httpUrl, line, region, roleArn } from "./scalars.ts";

export const transport = () =>
  z
    .enum(["Lean", "Sdk"])
    .describe(
      "How calls travel: Lean is Switchyard's own client, Sdk the AWS SDK. Absent: Lean, which is right unless you are looking for a fault.",
    )
    .exactOptional();

const guardrail = z
  .strictObject({
    id: line(2048).describe("The id or ARN of the guardrail."),
    version: guardrailVersion(),
  })
  .describe("A Bedrock guardrail that Bedrock itself applies to every call of this backend.");

export const bedrock = z
  .strictObject({
    modelId: z
      .string()
      .min(1)
      .max(2048)
      .regex(
        /^[A-Za-z0-9][A-Za-z0-9.:/_-]*$/,
        "write a model id, an inference profile's id, or an ARN",
      )
      .describe(
        "The Bedrock model to call: a model id, the id of an inference profile (such as eu.anthropic.claude-sonnet-4-5-20250929-v1:0), or an ARN of either.",
      ),
    region: region().describe("The AWS region whose Bedrock endpoint is called."),
    processingRegions: set(region().describe("An AWS region in which requests may be processed."), {
      min: 1,
      max: 32,
    })
      .describe(
        "Every region in which an inference profile may process a request. Absent for a profile: not eligible for tenants with residency. A plain model id needs none: it is processed in its region.",
      )
      .exactOptional(),
    endpoint: httpUrl()
      .describe(
        "A URL to call in place of the region's public endpoint, such as a VPC endpoint. Its host must be on the allow list of the router class.",
      )
      .exactOptional(),
    guardrail: guardrail.exactOptional(),
    transport: transport(),
    serviceTier: z
      .enum(["Default", "Priority", "Flex", "Reserved"])
      .describe(
        "The Bedrock service tier to ask for. Absent: none is asked for, and Bedrock serves its Default tier.",
      )
      .exactOptional(),
  })
  .describe("The Bedrock model to call; set it where type is Bedrock.");

const sageMakerName = () =>
  z
    .string()
    .min(1)
    .max(63)
    .regex(
      /^[A-Za-z0-9](-*[A-Za-z0-9])*$/,
      "write letters, digits and single hyphens between them",
    );

export const sagemaker = z
  .strictObject({
    endpointName: sageMakerName().describe("The name of the SageMaker endpoint to invoke."),
    region: region().describe("The AWS region in which the endpoint runs."),
    inferenceComponent: sageMakerName()
      .describe(
        "The inference component to invoke, for an endpoint that hosts several models. Absent: the endpoint's only one.",
      )
      .exactOptional(),
    targetVariant: sageMakerName()
      .describe(
        "The production variant to invoke. Absent: SageMaker chooses by the variants' weights.",
      )
      .exactOptional(),
    payload: z
      .enum(["OpenAIChat", "HuggingFaceTGI"])
      .default("OpenAIChat")
      .describe(
        "The JSON that the container speaks: OpenAIChat (vLLM, LMI, SGLang) or HuggingFaceTGI (text-generation-inference's own). Default OpenAIChat.",
      ),
    endpoint: httpUrl()
      .describe(
        "A URL to call in place of the region's public endpoint, such as a VPC endpoint. Its host must be on the allow list of the router class.",
      )
      .exactOptional(),
    transport: transport(),
  })
  .describe("The SageMaker endpoint to invoke; set it where type is SageMaker.");

export const credentials = invariant(
  z
    .strictObject({
      type: z
        .enum(["Ambient", "AssumeRole"])
        .default("Ambient")
        .describe(
          "Ambient uses what the router's pod has (Pod Identity, IRSA, environment); AssumeRole takes on another role from there. Default Ambient.",
        ),
      assumeRole: z
        .strictObject({
          roleArn: roleArn().describe(
            "The ARN of the role to assume. It must be on the allow list of the router class; the external id is derived from the namespace.",
          ),
        })
        .describe("The role to assume; set it where type is AssumeRole.")
        .exactOptional(),
    })
    .describe("Whose permissions the calls use. Default: the router's own."),
  {
    cel: "has(self.assumeRole) == (self.type == 'AssumeRole')",
    message:
      "Set credentials.assumeRole exactly where credentials.type is AssumeRole: add it, or correct the type.",
    holds: (each) => (each.assumeRole !== undefined) === (each.type === "AssumeRole"),
  },
);
