import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

import { shapeOf, type ModelShape, type ServiceModel } from "./service-model-shapes.ts";
import { checkValue } from "./service-model-values.ts";

/** Reads the newest model of a service, such as `bedrock-runtime`, from botocore's data folder. */
export async function readServiceModel(folder: string, service: string): Promise<ServiceModel> {
  const versions = (await readdir(join(folder, service))).toSorted();
  const file = join(folder, service, versions.at(-1) ?? "", "service-2.json.gz");
  return JSON.parse(gunzipSync(await readFile(file)).toString("utf8")) as ServiceModel;
}

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** The members that travel in the body, as a shape of their own. */
function bodyShape(shape: ModelShape): ModelShape {
  const inBody = Object.entries(shape.members ?? {}).filter(
    ([, member]) => member.location === undefined,
  );
  const members = Object.fromEntries(inBody);
  return { ...shape, members, required: (shape.required ?? []).filter((name) => name in members) };
}

/** What is wrong with the body and headers of a request or an answer; empty where nothing is. */
export function checkMessage(
  model: ServiceModel,
  shapeName: string,
  headers: Headers,
  body: Buffer,
): string[] {
  const shape = shapeOf(model, shapeName);
  const complaints = checkHeaders(model, shape, headers);
  if (shape.payload === undefined)
    return [...complaints, ...checkJson(model, bodyShape(shape), body, shapeName)];
  const payload = shapeOf(model, shape.members?.[shape.payload]?.shape ?? "");
  if (payload.eventstream === true) return complaints;
  if (body.length > (payload.max ?? Infinity))
    complaints.push(`${shapeName}.${shape.payload}: longer than ${payload.max}`);
  return complaints;
}

function checkHeaders(model: ServiceModel, shape: ModelShape, headers: Headers): string[] {
  return Object.entries(shape.members ?? {}).flatMap(([name, member]) => {
    if (member.location !== "header") return [];
    const value = headers[(member.locationName ?? "").toLowerCase()];
    if (value !== undefined) return checkValue(model, shapeOf(model, member.shape), value, name);
    return (shape.required ?? []).includes(name)
      ? [`${name}: the header ${member.locationName} is missing`]
      : [];
  });
}

function checkJson(model: ServiceModel, shape: ModelShape, body: Buffer, path: string): string[] {
  try {
    return checkValue(model, shape, JSON.parse(body.toString("utf8")), path);
  } catch (error) {
    return [`${path}: ${String(error)}`];
  }
}

// Names that the front door of every AWS service gives, without being in the model.
const unmodelled: Record<string, number> = {
  InvalidSignatureException: 403,
  UnrecognizedClientException: 403,
  MissingAuthenticationTokenException: 403,
  IncompleteSignatureException: 403,
  ExpiredTokenException: 403,
  AccessDeniedException: 403,
  ThrottlingException: 429,
  SerializationException: 400,
  RequestEntityTooLargeException: 413,
};

/** What is wrong with an error answer of an operation. */
export function checkError(
  model: ServiceModel,
  operation: string,
  status: number,
  headers: Headers,
  body: Buffer,
): string[] {
  const name = String(headers["x-amzn-errortype"] ?? "").split(":")[0] ?? "";
  const listed = (model.operations[operation]?.errors ?? []).some((error) => error.shape === name);
  const expected = listed ? shapeOf(model, name).error?.httpStatusCode : unmodelled[name];
  if (expected === undefined) return [`${operation}: ${name} is no error of this operation`];
  const complaints =
    expected === status ? [] : [`${operation}: ${name} came with ${status}, not ${expected}`];
  return listed
    ? [...complaints, ...checkJson(model, shapeOf(model, name), body, name)]
    : complaints;
}

export interface DecodedFrame {
  headers: Record<string, string>;
  payload: Buffer;
}

/** What is wrong with one frame of an operation's event stream. */
export function checkFrame(model: ServiceModel, operation: string, frame: DecodedFrame): string[] {
  if (frame.headers[":message-type"] === "error") return [];
  const name = frame.headers[":event-type"] ?? frame.headers[":exception-type"] ?? "";
  const event = eventShape(model, operation, name);
  if (event === undefined) return [`${operation}: no event is called "${name}"`];
  const asBytes = Object.values(event.members ?? {}).some((member) => member.eventpayload === true);
  return asBytes ? [] : checkJson(model, event, frame.payload, name);
}

function eventShape(model: ServiceModel, operation: string, name: string): ModelShape | undefined {
  const output = outputShape(model, operation);
  const stream = shapeOf(model, output.members?.[output.payload ?? ""]?.shape ?? "");
  const member = stream.members?.[name];
  const event = member === undefined ? undefined : shapeOf(model, member.shape);
  if (event === undefined || event.exception === true) return event;
  // The padding is of the wire, not of the model.
  return { ...event, members: { ...event.members, p: { shape: "String" } } };
}

const outputShape = (model: ServiceModel, operation: string): ModelShape =>
  shapeOf(model, model.operations[operation]?.output.shape ?? "");
