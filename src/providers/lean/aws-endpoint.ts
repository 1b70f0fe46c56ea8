/** Where a service is called. */
export interface Place {
  region: string;
  /** Ask for the endpoints whose cryptography is validated by FIPS 140. */
  fips: boolean;
  /** Ask for the endpoints that have IPv6 addresses too. */
  dualStack: boolean;
}

export type AwsService = "bedrock" | "sagemaker";

interface Partition {
  name: string;
  regions: RegExp;
  suffix: string;
  dualStackSuffix: string;
}

/** The first stands for a region that no pattern knows. */
const partitions = [
  {
    name: "aws",
    regions: /^(?:us|eu|ap|sa|ca|me|af|il|mx)-\w+-\d+$/,
    suffix: "amazonaws.com",
    dualStackSuffix: "api.aws",
  },
  {
    name: "aws-cn",
    regions: /^cn-/,
    suffix: "amazonaws.com.cn",
    dualStackSuffix: "api.amazonwebservices.com.cn",
  },
  {
    name: "aws-us-gov",
    regions: /^us-gov-/,
    suffix: "amazonaws.com",
    dualStackSuffix: "api.aws",
  },
  {
    name: "aws-eusc",
    regions: /^eusc-de-/,
    suffix: "amazonaws.eu",
    dualStackSuffix: "api.amazonwebservices.eu",
  },
  {
    name: "aws-iso",
    regions: /^us-iso-/,
    suffix: "c2s.ic.gov",
    dualStackSuffix: "api.aws.ic.gov",
  },
  {
    name: "aws-iso-b",
    regions: /^us-isob-/,
    suffix: "sc2s.sgov.gov",
    dualStackSuffix: "api.aws.scloud",
  },
  {
    name: "aws-iso-e",
    regions: /^eu-isoe-/,
    suffix: "cloud.adc-e.uk",
    dualStackSuffix: "api.cloud-aws.adc-e.uk",
  },
  {
    name: "aws-iso-f",
    regions: /^us-isof-/,
    suffix: "csp.hci.ic.gov",
    dualStackSuffix: "api.aws.hci.ic.gov",
  },
] as const satisfies readonly [Partition, ...Partition[]];

/** The service's public URL there, as the AWS SDK resolves it. */
export function awsEndpoint(service: AwsService, place: Place): string {
  const partition = partitions.find(({ regions }) => regions.test(place.region)) ?? partitions[0];
  const suffix = place.dualStack ? partition.dualStackSuffix : partition.suffix;
  const name =
    service === "bedrock"
      ? `bedrock-runtime${place.fips ? "-fips" : ""}`
      : sageMakerName(partition, place);
  return `https://${name}.${place.region}.${suffix}`;
}

function sageMakerName({ name }: Partition, { fips, dualStack }: Place): string {
  if (!fips) return "runtime.sagemaker";
  if (!dualStack && name === "aws") return "runtime-fips.sagemaker";
  // What GovCloud has is validated under its usual name.
  return !dualStack && name === "aws-us-gov" ? "runtime.sagemaker" : "runtime.sagemaker-fips";
}
