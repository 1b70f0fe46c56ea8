import { z } from "zod";
import { UsageError } from "./usage-error.ts";

/** Where AWS's services are called, as far as the environment has a say in it. */
export interface AwsEnvironment {
  fips: boolean;
  dualStack: boolean;
  /** By the type of a backend's target; they replace the region's public endpoint. */
  endpoints: { Bedrock?: string; SageMaker?: string };
}

const yesOrNo = z
  .enum(["true", "false"], "write true or false")
  .default("false")
  .transform((word) => word === "true");
const url = z.url({ protocol: /^https?$/, message: "write a URL with http:// or https://" });

const variables = z.object({
  AWS_USE_FIPS_ENDPOINT: yesOrNo,
  AWS_USE_DUALSTACK_ENDPOINT: yesOrNo,
  AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: yesOrNo,
  AWS_ENDPOINT_URL: url.optional(),
  AWS_ENDPOINT_URL_BEDROCK_RUNTIME: url.optional(),
  AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME: url.optional(),
});

/**
 * Reads what the AWS SDKs read of the environment, so that it holds for every transport alike. An
 * empty variable counts as unset.
 *
 * @throws UsageError naming every variable that is wrong
 */
export function readAwsEnvironment(source: NodeJS.ProcessEnv): AwsEnvironment {
  const set = Object.entries(source).filter(([, value]) => value !== "");
  const { data, error } = variables.safeParse(Object.fromEntries(set));
  if (data === undefined) {
    const problems = error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
    throw new UsageError(problems.join("\n"));
  }
  return {
    fips: data.AWS_USE_FIPS_ENDPOINT,
    dualStack: data.AWS_USE_DUALSTACK_ENDPOINT,
    endpoints: data.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS ? {} : endpointsOf(data),
  };
}

function endpointsOf(data: z.output<typeof variables>): AwsEnvironment["endpoints"] {
  const { AWS_ENDPOINT_URL: either } = data;
  const bedrock = data.AWS_ENDPOINT_URL_BEDROCK_RUNTIME ?? either;
  const sageMaker = data.AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME ?? either;
  return {
    ...(bedrock === undefined ? {} : { Bedrock: bedrock }),
    ...(sageMaker === undefined ? {} : { SageMaker: sageMaker }),
  };
}
