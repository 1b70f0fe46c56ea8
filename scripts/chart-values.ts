// What may stand in the chart's values: charts/switchyard/values.schema.json is made from it. Classes are
// those of the operator's configuration.
import { z } from "zod";
import { operatorConfig } from "../src/operator/index.ts";
import { thresholds, type Threshold } from "./alerts/thresholds.ts";

const { imagePullPolicy, classes, namespace } = operatorConfig.shape;
const { networkPolicy } = classes.unwrap().valueType.shape;
const egressRules = networkPolicy.unwrap().shape.apiServer.unwrap();

const texts = z.record(z.string(), z.string());
const quantities = z.partialRecord(
  z.enum(["cpu", "memory", "ephemeral-storage"]),
  z.string().regex(/^[0-9.]+(m|Ki|Mi|Gi|k|M|G)?$/),
);
const orEmpty = (pattern: RegExp) => z.string().regex(new RegExp(`^$|${pattern.source}`));
const namespaceName = namespace.unwrap().max(63);

const operator = z.strictObject({
  replicas: z.int().min(1).max(5),
  resources: z.strictObject({ requests: quantities.optional(), limits: quantities.optional() }),
  logLevel: z.enum(["debug", "info", "warn", "error"]),
  env: texts,
  podLabels: texts,
  podAnnotations: texts,
  nodeSelector: texts,
  tolerations: z.array(z.record(z.string(), z.unknown())).max(32),
  priorityClassName: z.string().max(253),
  podDisruptionBudget: z.strictObject({ enabled: z.boolean() }),
  networkPolicy: z.strictObject({
    enabled: z.boolean(),
    adminNamespaces: z.array(namespaceName).max(64),
    apiServer: egressRules,
    egress: egressRules,
  }),
});

const monitoring = z.strictObject({
  labels: texts,
  interval: z.string().regex(/^\d+(ms|s|m|h)$/),
  operator: z.strictObject({ podMonitor: z.boolean(), serviceMonitor: z.boolean() }),
  routers: z.strictObject({ podMonitor: z.boolean() }),
});

const dashboards = z.strictObject({
  enabled: z.boolean(),
  labels: texts,
  annotations: texts,
});

/** A share is at most a hundred; hours are written as a duration. */
const boundsOf = (name: string) => {
  if (name.endsWith("Percent")) return z.number().min(0).max(100);
  return name.endsWith("Hours") ? z.int().min(1).max(720) : z.number().min(0);
};

const alerts = z.strictObject({
  enabled: z.boolean(),
  labels: texts,
  runbooks: z.string().min(1),
  thresholds: z.strictObject(
    Object.fromEntries(Object.keys(thresholds).map((name) => [name, boundsOf(name)])) as Record<
      Threshold,
      z.ZodNumber
    >,
  ),
});

/** Whole values, the chart's own merged with a person's: so nothing of ours is optional. */
export const chartValues = z.strictObject({
  /** Helm sets it where the chart is a part of another. */
  global: z.record(z.string(), z.unknown()).optional(),
  image: z.strictObject({
    repository: orEmpty(/^[^\s:@]+(:\d+\/[^\s:@]+)?$/),
    tag: orEmpty(/^\w[\w.-]{0,127}$/),
    digest: orEmpty(/^sha256:[0-9a-f]{64}$/),
    pullPolicy: imagePullPolicy.unwrap(),
  }),
  jobsImage: z.strictObject({
    repository: orEmpty(/^[^\s:@]+(:\d+\/[^\s:@]+)?$/),
    tag: orEmpty(/^\w[\w.-]{0,127}$/),
    digest: orEmpty(/^sha256:[0-9a-f]{64}$/),
  }),
  imagePullSecrets: z.array(z.strictObject({ name: z.string().min(1) })).max(8),
  watchNamespace: orEmpty(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/),
  crds: z.strictObject({ install: z.boolean(), keep: z.boolean() }),
  rbac: z.strictObject({ create: z.boolean() }),
  serviceAccount: z.strictObject({
    create: z.boolean(),
    name: orEmpty(/^[a-z0-9]([-a-z0-9]{0,251}[a-z0-9])?$/),
    annotations: texts,
  }),
  operator,
  classes: classes.unwrap(),
  admissionPolicy: z.strictObject({ enabled: z.boolean() }),
  monitoring,
  dashboards,
  alerts,
});
