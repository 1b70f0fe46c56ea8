import type { Finding, ResourceRef } from "../api/index.ts";
import type { BackendEntry, Credentials } from "../table/index.ts";
import { endpointProblem } from "./endpoint-rules.ts";
import { judge } from "./judgement.ts";
import { roleAllowed, type ClassSettings } from "./settings.ts";

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
  const why = endpointProblem(endpoint, settings, "leave endpoint out");
  const path = `spec.${type === "Bedrock" ? "bedrock" : "sagemaker"}.endpoint`;
  return why === undefined ? undefined : judge("EndpointNotAllowed", ref, why, path);
}

function roleIsAllowed({ ref, entry: { credentials }, settings }: CheckInput): Finding | undefined {
  const why = roleProblem(credentials, settings);
  return why === undefined
    ? undefined
    : judge("RoleNotAllowed", ref, why, "spec.credentials.assumeRole.roleArn");
}

/** Why a class does not let credentials be used, as a sentence; undefined where it does. */
export function roleProblem(credentials: Credentials, settings: ClassSettings): string | undefined {
  if (credentials.type !== "AssumeRole" || roleAllowed(credentials.roleArn, settings.roleArns))
    return undefined;
  return `${credentials.roleArn} is not on the allow list of the router class: ask the operator to add it, or use Ambient credentials.`;
}
