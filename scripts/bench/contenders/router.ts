import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { awsEnvironment, chatPath, type Contender, type Place } from "./contender.ts";
import {
  apiKey,
  orderedConfig,
  safetyConfig,
  transportConfig,
  wholeConfig,
} from "./router-config.ts";

interface SetUp {
  name: string;
  title: string;
  config: (upstream: string) => string;
  settings: (upstream: string) => Readonly<Record<string, string>>;
  headers: Readonly<Record<string, string>>;
}

const whole: SetUp = {
  name: "whole",
  title: "router, whole: identity, choice, fallback, spans, metrics, record",
  config: wholeConfig,
  settings: (upstream) => ({ OTEL_EXPORTER_OTLP_ENDPOINT: upstream }),
  headers: { authorization: `Bearer ${apiKey}` },
};

/** The whole with one feature more or less: what it costs is the difference in CPU. */
const features: readonly SetUp[] = [
  {
    ...whole,
    name: "withSafety",
    title: "router, whole, with filters: personal data, secrets, prompt injection",
    config: safetyConfig,
  },
  {
    ...whole,
    name: "withEmf",
    title: "router, whole, with CloudWatch's metrics in the record",
    settings: (upstream) => ({ ...whole.settings(upstream), SWITCHYARD_EMF: "true" }),
  },
  {
    ...whole,
    name: "withoutClassifier",
    title: "router, whole, in order: no request is judged",
    config: orderedConfig,
  },
  {
    ...whole,
    name: "withoutSpans",
    title: "router, whole, without sending spans and metrics",
    settings: () => ({ OTEL_SDK_DISABLED: "true" }),
  },
  {
    ...whole,
    name: "withoutRecord",
    title: "router, whole, without the record",
    settings: (upstream) => ({ ...whole.settings(upstream), SWITCHYARD_RECORDS: "none" }),
  },
];

const setUps: readonly SetUp[] = [
  whole,
  ...features,
  {
    name: "transport",
    title: "router, translation and transport only",
    config: transportConfig,
    settings: () => ({ OTEL_SDK_DISABLED: "true", SWITCHYARD_RECORDS: "none" }),
    headers: {},
  },
];

/** The bundle that `npm run build` makes, as users run it, in each set-up. */
export const routers: readonly Contender[] = setUps.map((setUp) => ({
  name: setUp.name,
  title: setUp.title,
  prepare: () => Promise.resolve(),
  launch: async (place) => launch(setUp, place),
}));

/** What the Dockerfile sets. */
export const imageEnvironment = {
  NODE_ENV: "production",
  MALLOC_ARENA_MAX: "2",
  NODE_OPTIONS: "--max-semi-space-size=8 --expose-gc --max-old-space-size=317",
};

async function launch(setUp: SetUp, { folder, bundle, upstream, port, nodeFlags }: Place) {
  const config = join(folder, "config");
  await mkdir(config);
  await writeFile(join(config, "bench.yaml"), setUp.config(upstream));
  const flags = ["--config", config, "--host", "127.0.0.1", "--port", String(port)];
  const admin = ["--admin-host", "127.0.0.1", "--admin-port", "0"];
  return {
    command: [process.execPath, ...nodeFlags, bundle, "router", ...flags, ...admin],
    environment: { ...imageEnvironment, ...awsEnvironment, ...setUp.settings(upstream) },
    path: chatPath,
    headers: setUp.headers,
  };
}
