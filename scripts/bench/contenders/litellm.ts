import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { model, modelId } from "../http/payloads.ts";
import { awsEnvironment, chatPath, type Contender, type Place } from "./contender.ts";
import { install, installFolder } from "./installed.ts";

const version = "1.106.12";
const folder = installFolder("litellm", version);
const environmentFolder = join(folder, "python");

const steps = [
  ["python3", "-m", "venv", environmentFolder],
  [join(environmentFolder, "bin/python"), "-m", "pip", "install", `litellm[proxy]==${version}`],
];

/** It does not start without one. */
const masterKey = "sk-bench-key-that-opens-nothing-else-0123456789";

const config = (upstream: string): string => `
model_list:
  - model_name: ${model}
    litellm_params:
      model: bedrock/converse/${modelId}
      aws_region_name: us-east-1
      aws_bedrock_runtime_endpoint: ${upstream}
general_settings:
  master_key: ${masterKey}
`;

/** Nothing is to be fetched or logged: what others' machines and terminals cost is not what is compared. */
const environment = {
  ...awsEnvironment,
  LITELLM_MODE: "PRODUCTION",
  LITELLM_LOG: "ERROR",
  LITELLM_LOCAL_MODEL_COST_MAP: "True",
  LITELLM_DISABLE_ACCESS_LOG_PATHS: chatPath,
};

export const litellm: Contender = {
  name: "litellm",
  title: `LiteLLM ${version}, Bedrock upstream`,
  prepare: async () => install(folder, steps),
  launch: async (place) => launch(place),
};

async function launch({ folder: own, upstream, port }: Place) {
  const file = join(own, "config.yaml");
  await writeFile(file, config(upstream));
  const listen = ["--host", "127.0.0.1", "--port", String(port), "--num_workers", "1"];
  const program = join(environmentFolder, "bin/litellm");
  return {
    command: [program, "--config", file, ...listen],
    environment,
    path: chatPath,
    headers: { authorization: `Bearer ${masterKey}` },
  };
}
