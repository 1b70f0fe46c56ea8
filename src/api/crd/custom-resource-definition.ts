import type { z } from "zod";
import { group, version, type Kind } from "../kinds/kind-names.ts";
import { specSchemas } from "../kinds/schemas.ts";
import { newStatus, statusSchemas } from "../kinds/status.ts";
import { printerColumns } from "./printer-columns.ts";
import { structuralSchema, type SchemaNode } from "./structural.ts";

interface Names {
  plural: string;
  shortNames: readonly string[];
  description: string;
}

const names: Readonly<Record<Kind, Names>> = {
  ModelBackend: {
    plural: "modelbackends",
    shortNames: ["mb"],
    description:
      "ModelBackend says where a model is called, what it costs, and how good and fast it is.",
  },
  ModelRoute: {
    plural: "modelroutes",
    shortNames: ["mr"],
    description:
      "ModelRoute says what applications call: model names, the bounds of their requests, and the backends that may serve them.",
  },
  TenantPolicy: {
    plural: "tenantpolicies",
    shortNames: ["tp"],
    description: "TenantPolicy says who a tenant is, what it may call, and within which bounds.",
  },
};

/** The plural that stands in URLs and RBAC rules. */
export const pluralOf = (kind: Kind): string => names[kind].plural;

/** The CustomResourceDefinition of a kind, as the API server takes it. */
export function customResourceDefinition(kind: Kind): SchemaNode {
  const { plural, shortNames } = names[kind];
  const singular = kind.toLowerCase();
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: "Namespaced",
      names: {
        kind,
        listKind: `${kind}List`,
        plural,
        singular,
        shortNames,
        categories: ["switchyard"],
      },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: printerColumns[kind],
          schema: { openAPIV3Schema: resourceSchema(kind) },
        },
      ],
    },
  };
}

/** The schema of a whole resource of the kind. */
export function resourceSchema(kind: Kind): SchemaNode {
  const spec: z.ZodType = specSchemas[kind];
  return {
    type: "object",
    description: names[kind].description,
    required: ["spec"],
    properties: {
      apiVersion: {
        type: "string",
        maxLength: 64,
        description: "The version of this kind's schema.",
      },
      kind: { type: "string", maxLength: 64, description: "The name of this kind." },
      metadata: { type: "object" },
      spec: structuralSchema(spec),
      status: { ...structuralSchema(statusSchemas[kind]), default: newStatus },
    },
  };
}
