import { readFile } from "node:fs/promises";
import type { PrometheusSettings } from "../drift/index.ts";
import { systemClock } from "../lib/index.ts";
import { Signer, type AwsCredentials } from "../providers/index.ts";
import type { Environment } from "./environment.ts";
import { UsageError } from "./usage-error.ts";

export type Authorize = NonNullable<PrometheusSettings["authorize"]>;

/** Asked for each call. */
export type FindCredentials = () => Promise<AwsCredentials>;

/**
 * How calls of the store show who asks; undefined: not at all.
 *
 * @throws UsageError where there are two ways, or half of one
 */
export function prometheusAuthorization(
  environment: Environment,
  url: string,
  credentials: FindCredentials,
): Authorize | undefined {
  const {
    SWITCHYARD_PROMETHEUS_TOKEN_FILE: file,
    SWITCHYARD_PROMETHEUS_USERNAME: username,
    SWITCHYARD_PROMETHEUS_PASSWORD: password,
    SWITCHYARD_PROMETHEUS_SIGV4_REGION: region,
  } = environment;
  if ((username === undefined) !== (password === undefined))
    throw new UsageError(
      "SWITCHYARD_PROMETHEUS_USERNAME: write it together with SWITCHYARD_PROMETHEUS_PASSWORD, or neither",
    );
  const ways = [
    file === undefined ? undefined : bearer(file),
    username === undefined || password === undefined ? undefined : basic(username, password),
    region === undefined ? undefined : signed(region, url, credentials),
  ].filter((way) => way !== undefined);
  if (ways.length > 1)
    throw new UsageError(
      "SWITCHYARD_PROMETHEUS_TOKEN_FILE, SWITCHYARD_PROMETHEUS_USERNAME, SWITCHYARD_PROMETHEUS_SIGV4_REGION: a call bears one of them, leave one",
    );
  return ways[0];
}

/** Read with every call: tokens are renewed in their files. */
const bearer =
  (file: string): Authorize =>
  async ({ headers }) => {
    const token = (await readFile(file, "utf8").catch(unreadable)).trim();
    if (!/^[\x21-\x7e]+$/.test(token))
      throw new Error("the file of SWITCHYARD_PROMETHEUS_TOKEN_FILE holds no token");
    return { ...headers, authorization: `Bearer ${token}` };
  };

function unreadable(cause: Error): never {
  throw new Error(`SWITCHYARD_PROMETHEUS_TOKEN_FILE cannot be read: ${cause.message}`, { cause });
}

function basic(username: string, password: string): Authorize {
  const pair = Buffer.from(`${username}:${password}`).toString("base64");
  return async ({ headers }) => ({ ...headers, authorization: `Basic ${pair}` });
}

/** For Amazon Managed Service for Prometheus. */
function signed(region: string, url: string, credentials: FindCredentials): Authorize {
  const signer = new Signer({ region, service: "aps", host: new URL(url).host });
  return async (call) => signer.sign(call, await credentials(), systemClock.now());
}

/** What the SDK's chain finds; it keeps them until they near their end. */
export function ambientCredentials(): FindCredentials {
  let chain: Promise<FindCredentials> | undefined;
  return async () => {
    chain ??= import("@aws-sdk/credential-providers").then(({ fromNodeProviderChain }) =>
      fromNodeProviderChain(),
    );
    return (await chain)();
  };
}
