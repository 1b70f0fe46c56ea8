import type { BackendEntry, SageMakerTarget } from "../../table/index.ts";
import { ProviderError } from "../provider-error.ts";
import { writtenRequest } from "../written-request.ts";

/** SageMaker's own limit of a request's body. */
const maxBodyBytes = 6_291_456;

/** SageMaker's own limit of the header. */
const maxAttributes = 1_024;

export interface Invocation {
  EndpointName: string;
  Body: Uint8Array;
  ContentType: string;
  Accept: string;
  InferenceComponentName?: string;
  TargetVariant?: string;
  CustomAttributes?: string;
}

/** @throws ProviderError invalid_request where the body is longer than SageMaker takes */
export function makeInvocation(options: {
  backend: BackendEntry;
  body: object;
  metadata: Readonly<Record<string, string>>;
  streamed: boolean;
}): Invocation {
  const target = sageMakerTarget(options.backend);
  const attributes = customAttributes(options.metadata);
  return {
    EndpointName: target.endpointName,
    Body: writeBody(options.body),
    ContentType: "application/json",
    Accept: options.streamed ? "text/event-stream" : "application/json",
    ...(target.inferenceComponent === undefined
      ? {}
      : { InferenceComponentName: target.inferenceComponent }),
    ...(target.targetVariant === undefined ? {} : { TargetVariant: target.targetVariant }),
    ...(attributes === "" ? {} : { CustomAttributes: attributes }),
  };
}

export function sageMakerTarget(backend: BackendEntry): SageMakerTarget {
  if (backend.target.type === "SageMaker") return backend.target;
  throw new TypeError(`The backend ${backend.name} is none of SageMaker's`);
}

function writeBody(body: object): Uint8Array {
  const bytes = Buffer.from(writtenRequest(() => JSON.stringify(body)));
  if (bytes.byteLength <= maxBodyBytes) return bytes;
  throw new ProviderError(
    "invalid_request",
    `The request takes ${bytes.byteLength} bytes, and this model's provider accepts ${maxBodyBytes}`,
  );
}

/** `route=a,tenant=b`, percent-encoded, since the header takes visible ASCII alone; what does not fit is left out. */
function customAttributes(metadata: Readonly<Record<string, string>>): string {
  return Object.entries(metadata).reduce((text, [key, value]) => {
    const pair = `${encodeURIComponent(key)}=${encodeURIComponent(value.toWellFormed())}`;
    const longer = text === "" ? pair : `${text},${pair}`;
    return longer.length > maxAttributes ? text : longer;
  }, "");
}
