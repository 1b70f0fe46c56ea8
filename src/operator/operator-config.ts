import { z } from "zod";
import { storeUrlProblem } from "../lib/index.ts";

const quantity = z.string().regex(/^[0-9.]+(m|Ki|Mi|Gi|k|M|G)?$/);
const resources = z.strictObject({
  requests: z.record(z.enum(["cpu", "memory"]), quantity).default({ cpu: "250m", memory: "256Mi" }),
  limits: z.partialRecord(z.enum(["cpu", "memory"]), quantity).default({ memory: "512Mi" }),
});

const texts = z.record(z.string(), z.string());

const egressRules = z
  .array(z.strictObject({ cidr: z.string(), ports: z.array(z.int().min(1).max(65_535)).max(16) }))
  .max(32);

/** Where the routers of a class count tenants' budgets and rates. */
const limits = z
  .strictObject({
    /** Memory: each router by itself; Redis: all together, in Redis or Valkey. */
    store: z.enum(["Memory", "Redis"]).default("Memory"),
    redis: z
      .strictObject({
        /** One server, or with `cluster` some of its nodes: host:port. */
        addresses: z
          .array(z.string().regex(/^[A-Za-z0-9.-]{1,253}:[0-9]{1,5}$/, "write host:port"))
          .max(32)
          .default([]),
        cluster: z.boolean().default(false),
        tls: z.boolean().default(false),
        /** A Secret of the group's namespace with `password` and, where the server has users, `username`. */
        secret: z.string().min(1).max(253).optional(),
        /** A Secret of the group's namespace with `ca.crt`, the authority of the server's certificate. */
        caSecret: z.string().min(1).max(253).optional(),
        database: z.int().min(0).max(255).default(0),
        /** Of all keys: installations that share a server need each their own. */
        keyPrefix: z
          .string()
          .regex(/^[A-Za-z0-9._:-]{1,64}$/)
          .default("switchyard"),
        /** The most that a request waits for the store, in milliseconds. */
        timeoutMs: z.int().min(1).max(60_000).default(100),
      })
      .prefault({}),
  })
  .refine(({ store, redis }) => store === "Memory" || redis.addresses.length > 0, {
    path: ["redis", "addresses"],
    message: "name at least one address for the store Redis",
  })
  .refine(({ redis }) => redis.cluster || redis.addresses.length < 2, {
    path: ["redis", "addresses"],
    message: "name one address, or set cluster for the nodes of a cluster",
  });

/** Where routers keep their records beside standard output, and jobs read them. */
const records = z.strictObject({
  /** Whether printed records hold metrics for CloudWatch. */
  emf: z.boolean().default(false),
  s3: z
    .strictObject({
      bucket: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "write the name of a bucket"),
      /** What all names of objects begin with; each group adds its namespace. */
      prefix: z
        .string()
        .regex(
          /^([A-Za-z0-9!_.*'()-]+(\/[A-Za-z0-9!_.*'()-]+)*)?$/,
          "write words with slashes between them",
        )
        .max(256)
        .default(""),
      region: z.string().min(1).max(64).optional(),
      /** Of an S3-compatible store; absent: AWS's own. */
      endpoint: z
        .url({ protocol: /^https?$/ })
        .max(512)
        .optional(),
      /** A Secret of the group's namespace with `accessKeyId` and `secretAccessKey`; absent: the pods' own role. */
      secret: z.string().min(1).max(253).optional(),
      /** How long a record waits for others before their object is written, in seconds. */
      flushSeconds: z.int().min(1).max(3_600).default(300),
    })
    .optional(),
});

const jobQuantity = z.record(z.enum(["cpu", "memory"]), quantity);

const jobResources = z.strictObject({
  requests: jobQuantity.default({ cpu: "250m", memory: "512Mi" }),
  limits: z.partialRecord(z.enum(["cpu", "memory"]), quantity).default({ memory: "1Gi" }),
});

const cronSchedule = z
  .string()
  .regex(/^\S+( \S+){4}$/, "write five fields with spaces between them, as for cron")
  .max(100);

/** The job that makes the group's plans from its records. */
const plan = z.strictObject({
  enabled: z.boolean().default(false),
  /** As crontab has it; by the clock of the control plane. */
  schedule: cronSchedule.default("*/15 * * * *"),
  /** In place of the operator's `jobsImage`. */
  image: z.string().min(1).optional(),
  resources: jobResources.prefault({}),
  /** A run that takes longer is stopped: the next has newer records. */
  deadlineSeconds: z.int().min(60).max(86_400).default(900),
});

/** A Prometheus-compatible store that holds the metrics of the class's routers. */
const prometheus = z
  .strictObject({
    /** What `/api/v1/query` stands behind; absent: there is none. */
    url: z
      .url({ protocol: /^https?$/ })
      .max(512)
      .superRefine((text, context) => {
        // Routers and jobs would not start with it.
        const message = storeUrlProblem(text);
        if (message !== undefined) context.addIssue(message);
      })
      .optional(),
    /** A Secret of the group's namespace whose key `token` holds a bearer token. */
    tokenSecret: z.string().min(1).max(253).optional(),
    /** The region of Amazon Managed Service for Prometheus: calls are signed by the pods' own role. */
    sigv4Region: z
      .string()
      .max(64)
      .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, "write a region of AWS, such as eu-central-1")
      .optional(),
  })
  .refine(
    ({ tokenSecret, sigv4Region }) => tokenSecret === undefined || sigv4Region === undefined,
    {
      path: ["tokenSecret"],
      message: "name a Secret with a token, or sigv4Region: a call bears one of them",
    },
  );

/** A ClickHouse with the records of the class's routers: the drift job asks it in place of `prometheus`. */
const clickhouse = z
  .strictObject({
    /** Of its HTTP interface; absent: there is none. */
    url: z
      .url({ protocol: /^https?$/ })
      .max(512)
      .optional(),
    /** A Secret of the group's namespace with `password` and, if it is not the default one's, `username`. */
    secret: z.string().min(1).max(253).optional(),
    /** A Secret of the group's namespace with `ca.crt`, the authority of the server's certificate. */
    caSecret: z.string().min(1).max(253).optional(),
    /** Absent: the user's own. */
    database: z.string().min(1).max(256).optional(),
    /** Absent: switchyard_records. */
    table: z.string().min(1).max(256).optional(),
  })
  .refine(({ url, ...others }) => url !== undefined || Object.keys(others).length === 0, {
    path: ["url"],
    message: "name the server, or leave out what is said of it",
  });

/** The job that compares the days of routes with `spec.drift`. */
const drift = z.strictObject({
  /** False: nothing is watched, whatever routes ask for. */
  enabled: z.boolean().default(true),
  /** As crontab has it; by the clock of the control plane. A window is a day, so that once daily is enough. */
  schedule: cronSchedule.default("20 3 * * *"),
  /** In place of the operator's `jobsImage`. */
  image: z.string().min(1).optional(),
  resources: jobResources.prefault({}),
  /** A run that takes longer is stopped. */
  deadlineSeconds: z.int().min(60).max(86_400).default(3_600),
});

/** One named set-up of routers. Routes choose it by `routerClass`; only whoever keeps the operator writes it. */
const classFields = z.strictObject({
  replicas: z
    .strictObject({
      min: z.int().min(1).default(2),
      max: z.int().min(1).default(10),
      cpuPercent: z.int().min(1).max(100).default(70),
    })
    .prefault({}),
  resources: resources.prefault({}),
  /** Hosts that backends may name as their endpoint: exact, `*.suffix`, or `*`. */
  endpointHosts: z.array(z.string().min(1).max(253)).max(64).default([]),
  /** For development clusters: loopback endpoints and plain http. */
  allowLoopbackEndpoints: z.boolean().default(false),
  /** Roles that backends may assume: ARNs, or ones ending in `*`. */
  roleArns: z.array(z.string().min(1).max(2048)).max(64).default([]),
  /** A Secret of type kubernetes.io/tls in the group's namespace; the API then speaks TLS. */
  tlsSecret: z.string().min(1).max(253).optional(),
  /**
   * Who issues the cluster's ServiceAccount tokens, and where its keys are (absent: found through its OpenID
   * configuration). Absent: routers ask the API server.
   */
  serviceAccounts: z
    .strictObject({
      issuer: z.url({ protocol: /^https$/ }).max(512),
      jwksUri: z
        .url({ protocol: /^https$/ })
        .max(512)
        .optional(),
    })
    .optional(),
  /** How long a router that stops lets requests under way go on: what a route may allow at most. */
  drainSeconds: z.int().min(1).max(3_600).default(600),
  limits: limits.prefault({}),
  records: records.prefault({}),
  plan: plan.prefault({}),
  prometheus: prometheus.prefault({}),
  clickhouse: clickhouse.prefault({}),
  drift: drift.prefault({}),
  /** Plain environment of the router, such as OTEL_EXPORTER_OTLP_ENDPOINT. */
  env: texts.default({}),
  /** Secrets and ConfigMaps of the group's namespace whose keys become environment. */
  envFrom: z
    .array(z.strictObject({ secret: z.string().optional(), configMap: z.string().optional() }))
    .max(16)
    .default([]),
  podLabels: texts.default({}),
  podAnnotations: texts.default({}),
  nodeSelector: texts.default({}),
  tolerations: z.array(z.record(z.string(), z.unknown())).max(32).default([]),
  networkPolicy: z
    .strictObject({
      enabled: z.boolean().default(true),
      /** Namespaces (by their label kubernetes.io/metadata.name) whose pods may call the API; empty: any. */
      clientNamespaces: z.array(z.string()).max(64).default([]),
      /** Namespaces, besides the operator's, whose pods may reach the admin port: where metrics are scraped from. */
      adminNamespaces: z.array(z.string()).max(64).default([]),
      /** CIDRs that routers may reach besides DNS, the Pod Identity agent and the API server, on the ports given. */
      egress: egressRules.default([{ cidr: "0.0.0.0/0", ports: [443] }]),
      /** Where the API server answers as routers' packets reach it; narrow it where `egress` is narrowed. */
      apiServer: egressRules.default([
        { cidr: "0.0.0.0/0", ports: [443, 6443] },
        { cidr: "::/0", ports: [443, 6443] },
      ]),
    })
    .prefault({}),
});

const classConfig = classFields
  .refine(({ plan: { enabled }, records: { s3 } }) => !enabled || s3 !== undefined, {
    path: ["records", "s3"],
    message: "name a bucket for records where plan.enabled is true: plans are made from them",
  })
  .refine(({ env, records: { emf } }) => !emf || env["SWITCHYARD_RECORDS"] !== "none", {
    path: ["records", "emf"],
    message: "metrics stand in printed records: take SWITCHYARD_RECORDS out of env, or set false",
  });

/** The operator's configuration file, which the chart's values become. */
export const operatorConfig = z
  .strictObject({
    /** The image of routers: the same that the operator runs. */
    image: z.string().min(1),
    /** The image of jobs, which holds DuckDB beside. A class whose plan is enabled needs it. */
    jobsImage: z.string().min(1).optional(),
    imagePullPolicy: z.enum(["Always", "IfNotPresent", "Never"]).default("IfNotPresent"),
    imagePullSecrets: z.array(z.string()).max(8).default([]),
    /** The only namespace that is looked at; absent: all. */
    namespace: z.string().min(1).optional(),
    /** Of the leader's Lease: what replicas of one operator share, and no two operators. */
    leaseName: z.string().min(1).max(253).default("switchyard-operator"),
    classes: z
      .record(z.string().regex(/^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/), classConfig)
      .default({ default: classConfig.parse({}) }),
  })
  .refine(
    ({ jobsImage, classes }) =>
      jobsImage !== undefined ||
      Object.values(classes).every(
        ({ plan: { enabled, image } }) => !enabled || image !== undefined,
      ),
    {
      path: ["jobsImage"],
      message: "name the image of jobs, or plan.image of each class whose plan.enabled is true",
    },
  )
  .refine(
    ({ classes }) =>
      !Object.keys(classes).some((name) => {
        const [, other = ""] =
          /^(.+)-(?:admin|drift|plan|plans(?:-\d)?|table|bucket-\d\d-[ab])$/.exec(name) ?? [];
        return Object.hasOwn(classes, other);
      }),
    {
      path: ["classes"],
      message:
        "no class may be named as another with -admin, -drift, -plan, -plans, -table or -bucket behind it: objects of the two would have one name",
    },
  );

export type ClassConfig = z.output<typeof classConfig>;
export type OperatorConfig = z.output<typeof operatorConfig>;
