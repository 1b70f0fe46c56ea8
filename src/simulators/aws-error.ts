/** An answer that is an error, as an AWS service gives it. */
export class AwsError extends Error {
  /** The shape's name as `x-amzn-ErrorType` carries it, such as `ThrottlingException`. */
  readonly shape: string;
  readonly status: number;
  /** Further members of the body, beside the message. */
  readonly members: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    shape: string,
    status: number,
    message: string,
    more: { members?: Record<string, unknown>; headers?: Record<string, string> } = {},
  ) {
    super(message);
    this.name = "AwsError";
    this.shape = shape;
    this.status = status;
    this.members = more.members ?? {};
    this.headers = more.headers ?? {};
  }
}

export const validationError = (message: string): AwsError =>
  new AwsError("ValidationException", 400, message);

export const serializationError = (message: string): AwsError =>
  new AwsError("SerializationException", 400, message);

// The front door of each service adds the namespace of its shapes to Bedrock's names only.
const shapeNamespace = ":http://internal.amazon.com/coral/com.amazon.bedrock/";

/** Headers and body of an error; SageMaker's own shapes write `Message`, everything else `message`. */
export function errorReply(
  error: AwsError,
  service: string,
): { headers: Record<string, string>; body: string } {
  const sagemakerShape = service === "sagemaker" && sagemakerShapes.has(error.shape);
  const type =
    service === "bedrock" && error.status !== 403 ? error.shape + shapeNamespace : error.shape;
  return {
    headers: { "content-type": "application/json", "x-amzn-ErrorType": type, ...error.headers },
    body: JSON.stringify({
      [sagemakerShape ? "Message" : "message"]: error.message,
      ...error.members,
    }),
  };
}

const sagemakerShapes = new Set([
  "InternalFailure",
  "ServiceUnavailable",
  "ValidationError",
  "ModelError",
  "InternalDependencyException",
  "ModelNotReadyException",
]);
