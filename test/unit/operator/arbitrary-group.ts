import fc from "fast-check";

import { operatorConfig } from "../../../src/operator/operator-config.ts";
import { makeGroup, type AnchoredGroup } from "./specs/group-case.ts";

const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}[a-z0-9]$/);
const variable = fc.oneof(
  fc.stringMatching(/^[A-Z][A-Z0-9_]{0,20}$/),
  fc.constantFrom("POD_NAME", "SWITCHYARD_PORT", "OTEL_RESOURCE_ATTRIBUTES", "AWS_REGION"),
);
const label = fc.oneof(
  fc.stringMatching(/^[a-z]{1,10}(\.example)?\/[a-z]{1,10}$/),
  fc.constantFrom("app.kubernetes.io/name", "switchyard.dev/router-class"),
);
const text = fc.stringMatching(/^[ -~]{0,20}$/);
const cpu = fc.constantFrom("250m", "0.5", "1", "1000m", "2.50", "1500m");
const memory = fc.constantFrom("256Mi", "0.5Gi", "1024Mi", "1Gi", "1073741824", "1.5G", "1000k");
const rules = fc.array(
  fc.record({
    cidr: fc.constantFrom("10.0.0.0/8", "0.0.0.0/0", "::/0"),
    ports: fc.uniqueArray(fc.integer({ min: 1, max: 65_535 }), { maxLength: 3 }),
  }),
  { maxLength: 3 },
);

const config = fc.record(
  {
    replicas: fc
      .tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 0, max: 20 }))
      .map(([min, more]) => ({ min, max: min + more })),
    resources: fc.record({
      requests: fc.record({ cpu, memory }),
      limits: fc.record({ cpu, memory }, { requiredKeys: [] }),
    }),
    tlsSecret: name,
    drainSeconds: fc.integer({ min: 1, max: 3_600 }),
    limits: fc.constantFrom(
      { store: "Memory" as const },
      { store: "Redis" as const, redis: { addresses: ["redis.example:6380"], tls: true } },
      {
        store: "Redis" as const,
        redis: {
          addresses: ["a.example:6379", "b.example:7000"],
          cluster: true,
          secret: "redis",
          caSecret: "redis-ca",
        },
      },
    ),
    records: fc.constantFrom(
      { s3: { bucket: "records" } },
      { s3: { bucket: "records", prefix: "a/b", endpoint: "http://objects:9000", secret: "key" } },
    ),
    prometheus: fc.constantFrom(
      { url: "http://prometheus.monitoring:9090" },
      { url: "https://aps.example/workspaces/ws-1", sigv4Region: "eu-west-1" },
      { url: "https://metrics.example:8443", tokenSecret: "metrics" },
    ),
    clickhouse: fc.constantFrom(
      { url: "http://clickhouse.data:8123" },
      {
        url: "https://clickhouse.example",
        secret: "reader",
        caSecret: "authority",
        table: "lines",
      },
    ),
    env: fc.dictionary(variable, text, { maxKeys: 5 }),
    envFrom: fc.array(fc.record({ secret: name, configMap: name }, { requiredKeys: [] }), {
      maxLength: 3,
    }),
    podLabels: fc.dictionary(label, name, { maxKeys: 3 }),
    podAnnotations: fc.dictionary(label, text, { maxKeys: 3 }),
    nodeSelector: fc.dictionary(label, name, { maxKeys: 2 }),
    tolerations: fc.array(fc.record({ key: name, operator: fc.constant("Exists") }), {
      maxLength: 2,
    }),
    networkPolicy: fc.record(
      {
        enabled: fc.boolean(),
        clientNamespaces: fc.uniqueArray(name, { maxLength: 3 }),
        adminNamespaces: fc.uniqueArray(name, { maxLength: 3 }),
        egress: rules,
        apiServer: rules,
      },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: [] },
);

/** Plans are made from records: a class without them has none. */
const planned = fc
  .tuple(config, fc.boolean())
  .map(([own, enabled]) => ({ ...own, plan: { enabled: enabled && own.records !== undefined } }));

/** Any group that the operator's configuration allows. */
export const arbitraryGroup: fc.Arbitrary<AnchoredGroup> = fc
  .record({
    namespace: name,
    routerClass: name,
    anchorUid: fc.uuid(),
    config: planned,
    drift: fc.option(fc.record({ goldenSets: fc.uniqueArray(name, { maxLength: 2 }) }), {
      nil: undefined,
    }),
    operator: fc.record({
      imagePullPolicy: fc.constantFrom(...operatorConfig.shape.imagePullPolicy.unwrap().options),
      imagePullSecrets: fc.array(name, { maxLength: 3 }),
      namespace: fc.option(name, { nil: undefined }),
    }),
  })
  .map((own) => makeGroup(own));
