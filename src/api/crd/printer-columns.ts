import type { Kind } from "../kinds/kind-names.ts";

/** One column of `kubectl get`. */
export interface PrinterColumn {
  name: string;
  type: "string" | "integer" | "date";
  jsonPath: string;
  description: string;
  /** Above 0: with `-o wide` only. */
  priority?: number;
}

const condition = (type: string, field: "status" | "reason"): string =>
  `.status.conditions[?(@.type=="${type}")].${field}`;

const age: PrinterColumn = {
  name: "Age",
  type: "date",
  jsonPath: ".metadata.creationTimestamp",
  description: "How long ago the resource was made.",
};

const accepted: PrinterColumn = {
  name: "Accepted",
  type: "string",
  jsonPath: condition("Accepted", "status"),
  description: "Whether the resource is valid and used.",
};

const ready: PrinterColumn = {
  name: "Ready",
  type: "string",
  jsonPath: condition("Ready", "status"),
  description: "Whether the resource does what it is there for.",
};

const reason = (type: string): PrinterColumn => ({
  name: "Reason",
  type: "string",
  jsonPath: condition(type, "reason"),
  description: `Why ${type} is what it is.`,
});

export const printerColumns: Readonly<Record<Kind, readonly PrinterColumn[]>> = {
  ModelBackend: [
    {
      name: "Type",
      type: "string",
      jsonPath: ".spec.type",
      description: "Which service serves the model.",
    },
    {
      name: "Tier",
      type: "string",
      jsonPath: ".spec.quality.tier",
      description: "How capable the model is believed to be.",
    },
    {
      name: "Model",
      type: "string",
      jsonPath: ".spec.bedrock.modelId",
      description: "The Bedrock model.",
      priority: 1,
    },
    {
      name: "Endpoint",
      type: "string",
      jsonPath: ".spec.sagemaker.endpointName",
      description: "The SageMaker endpoint.",
      priority: 1,
    },
    accepted,
    ready,
    reason("Ready"),
    age,
  ],
  ModelRoute: [
    {
      name: "Models",
      type: "string",
      jsonPath: ".spec.models",
      description: "The names that clients send.",
    },
    {
      name: "Selection",
      type: "string",
      jsonPath: ".spec.selection.type",
      description: "How candidates are chosen.",
    },
    ready,
    {
      name: "Programmed",
      type: "string",
      jsonPath: ".status.programmed",
      description: "Routers that serve this generation, of those that are ready.",
    },
    { name: "Drift", type: "string", jsonPath: ".status.drift", description: "What has drifted." },
    reason("Ready"),
    {
      name: "Class",
      type: "string",
      jsonPath: ".spec.routerClass",
      description: "The class of router that serves the route.",
      priority: 1,
    },
    age,
  ],
  TenantPolicy: [
    {
      name: "Enforcement",
      type: "string",
      jsonPath: ".spec.enforcement",
      description: "Whether bounds are enforced.",
    },
    accepted,
    ready,
    reason("Ready"),
    age,
  ],
};
