import { AwsError } from "../aws-error.ts";

/** SageMaker's wrapping of an answer that the model's container refused or failed to give. */
export function containerError(endpoint: string, status: number, container: unknown): AwsError {
  const original = JSON.stringify(container);
  const kind = status < 500 ? "client" : "server";
  const log = `https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#logEventViewer:group=/aws/sagemaker/Endpoints/${endpoint}`;
  return new AwsError(
    "ModelError",
    424,
    `Received ${kind} error (${status}) from primary with message "${original}". See ${log} in account 123456789012 for more information.`.slice(
      0,
      2048,
    ),
    {
      members: {
        OriginalStatusCode: status,
        OriginalMessage: original.slice(0, 2048),
        LogStreamArn: `arn:aws:logs:us-east-1:123456789012:log-group:/aws/sagemaker/Endpoints/${endpoint}`,
      },
    },
  );
}
