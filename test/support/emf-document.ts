// What CloudWatch asks of a log event in its embedded metric format: the JSON schema that its specification publishes
// (docs.aws.amazon.com/AmazonCloudWatch, "Specification: Embedded metric format"), and what it says in prose beside it.
import { Ajv } from "ajv";

const name = (maxLength: number) => ({
  type: "string",
  pattern: "^(.*)$",
  minLength: 1,
  maxLength,
});

const units =
  "^(Seconds|Microseconds|Milliseconds|Bytes|Kilobytes|Megabytes|Gigabytes|Terabytes|Bits|Kilobits|Megabits|Gigabits|" +
  String.raw`Terabits|Percent|Count|Bytes\/Second|Kilobytes\/Second|Megabytes\/Second|Gigabytes\/Second|` +
  String.raw`Terabytes\/Second|Bits\/Second|Kilobits\/Second|Megabits\/Second|Gigabits\/Second|Terabits\/Second|` +
  String.raw`Count\/Second|None)$`;

const directive = {
  type: "object",
  required: ["Namespace", "Dimensions", "Metrics"],
  properties: {
    Namespace: name(1024),
    Dimensions: {
      type: "array",
      minItems: 1,
      items: { type: "array", minItems: 0, maxItems: 30, items: name(250) },
    },
    Metrics: {
      type: "array",
      maxItems: 100,
      items: {
        type: "object",
        required: ["Name"],
        properties: {
          Name: name(1024),
          Unit: { type: "string", pattern: units },
          StorageResolution: { type: "integer", enum: [1, 60] },
        },
        additionalProperties: false,
      },
    },
  },
  additionalProperties: false,
};

const isDocument = new Ajv({ strict: true }).compile({
  type: "object",
  required: ["_aws"],
  properties: {
    _aws: {
      type: "object",
      required: ["Timestamp", "CloudWatchMetrics"],
      properties: {
        Timestamp: { type: "integer" },
        CloudWatchMetrics: { type: "array", items: directive },
      },
      additionalProperties: false,
    },
  },
});

/** A log event may have a megabyte; its time and length count 26 bytes. */
const longestEvent = 1024 * 1024 - 26;
/** Of a metric's value, whichever its sign. */
const largestValue = 2 ** 360;

export interface EmfDocument {
  _aws: {
    Timestamp: number;
    CloudWatchMetrics: {
      Namespace: string;
      Dimensions: string[][];
      Metrics: { Name: string; Unit?: string }[];
    }[];
  };
  [member: string]: unknown;
}

/** What CloudWatch would draw no metric from the line for; nothing where all is well. */
export function emfProblems(line: string): string[] {
  const bytes = Buffer.byteLength(line);
  const document = JSON.parse(line) as EmfDocument;
  if (!isDocument(document)) return (isDocument.errors ?? []).map((each) => JSON.stringify(each));
  const keys = [...line.matchAll(/"_aws":/g)].length;
  return [
    ...(bytes > longestEvent ? [`the event has ${bytes} bytes`] : []),
    ...(/[\r\n]/.test(line) ? ["the line has several"] : []),
    ...(keys === 1 ? [] : [`_aws stands there ${keys} times`]),
    ...document._aws.CloudWatchMetrics.flatMap((each) => [
      ...each.Dimensions.flatMap((set) => set.flatMap((key) => dimensionProblems(document, key))),
      ...each.Metrics.flatMap(({ Name: key }) => metricProblems(document, key)),
      ...(each.Metrics.length === 0 ? ["nothing is measured"] : []),
    ]),
  ];
}

function dimensionProblems(document: EmfDocument, key: string): string[] {
  const value = document[key];
  const isGood =
    typeof value === "string" && /^[\u0020-\u007E]{1,1024}$/.test(value) && value.trim() !== "";
  return isGood ? [] : [`the dimension ${key} is ${JSON.stringify(value)}`];
}

function metricProblems(document: EmfDocument, key: string): string[] {
  const value = document[key];
  const isGood =
    typeof value === "number" && Number.isFinite(value) && Math.abs(value) <= largestValue;
  return isGood ? [] : [`the metric ${key} is ${JSON.stringify(value)}`];
}
