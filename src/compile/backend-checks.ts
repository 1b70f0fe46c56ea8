import type { Finding, ResourceRef } from "../api/index.ts";
import { specialAddress } from "../lib/index.ts";
import type { BackendEntry } from "../table/index.ts";
import { judge } from "./judgement.ts";
import { hostAllowed, roleAllowed, type ClassSettings } from "./settings.ts";

interface CheckInput {
  ref: ResourceRef;
  entry: BackendEntry;
  settings: ClassSettings;
}

type BackendCheck = (input: CheckInput) => Finding | undefined;

/**
 * What a class permits of a backend. The published form is held to it as well: what an allow list no
 * longer has is used no longer.
 */
const permissions: readonly BackendCheck[] = [endpointIsAllowed, roleIsAllowed];

export function checkPermissions(input: CheckInput): Finding[] {
  return permissions.flatMap((check) => check(input) ?? []);
}

function endpointIsAllowed({ ref, entry, settings }: CheckInput): Finding | undefined {
  const { endpoint, type } = entry.target;
  if (endpoint === undefined) return undefined;
  const why = endpointProblem(endpoint, settings);
  const path = `spec.${type === "Bedrock" ? "bedrock" : "sagemaker"}.endpoint`;
  return why === undefined ? undefined : judge("EndpointNotAllowed", ref, why, path);
}

/** Why a class does not let its backends call a URL, as a sentence; undefined where it does. */
function endpointProblem(endpoint: string, settings: ClassSettings): string | undefined {
  if (!URL.canParse(endpoint)) return `${endpoint} is no URL: write https:// and a host.`;
  const url = new URL(endpoint);
  return schemeProblem(url, settings) ?? extrasProblem(url, endpoint) ?? hostProblem(url, settings);
}

function schemeProblem(
  { protocol }: URL,
  { allowLoopbackEndpoints }: ClassSettings,
): string | undefined {
  if (protocol === "https:" || (protocol === "http:" && allowLoopbackEndpoints)) return undefined;
  return `An endpoint is called over https, and this one says ${protocol.slice(0, -1)}: write https://.`;
}

function extrasProblem({ username, password }: URL, endpoint: string): string | undefined {
  if (username !== "" || password !== "") {
    return "The endpoint's URL carries a user or password: leave them out, and set credentials instead.";
  }
  // An empty query or fragment counts too: whatever is appended to the URL would end up in it.
  return /[?#]/.test(endpoint)
    ? "The endpoint's URL has a query or fragment: leave it out."
    : undefined;
}

function hostProblem({ hostname }: URL, settings: ClassSettings): string | undefined {
  const special = specialAddress(hostname);
  if (special === "Loopback") {
    return settings.allowLoopbackEndpoints
      ? undefined
      : `${hostname} is the router's own machine, which the router class does not let endpoints name: name another host.`;
  }
  if (special !== undefined) {
    return `${hostname} is a link-local or metadata address, where a cloud keeps credentials: name another host.`;
  }
  const host = hostname.replace(/\.$/, "");
  if (hostAllowed(host, settings.endpointHosts)) return undefined;
  return `${host} is not on the allow list of the router class: ask the operator to add it, or leave endpoint out.`;
}

function roleIsAllowed({ ref, entry: { credentials }, settings }: CheckInput): Finding | undefined {
  if (credentials.type !== "AssumeRole" || roleAllowed(credentials.roleArn, settings.roleArns))
    return undefined;
  return judge(
    "RoleNotAllowed",
    ref,
    `${credentials.roleArn} is not on the allow list of the router class: ask the operator to add it, or use Ambient credentials.`,
    "spec.credentials.assumeRole.roleArn",
  );
}
