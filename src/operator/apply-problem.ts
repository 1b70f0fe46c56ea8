import type { Group } from "../compile/index.ts";
import { KubeError, type KubeErrorCode } from "../kube/index.ts";

export type ApplyProblemCode =
  | KubeErrorCode
  /** Nothing could be done for the group; something else may have been. */
  | "NotReconciled"
  /** The operator may not grant what it does not hold itself. */
  | "GrantForbidden"
  /** An admission policy or webhook refused the object. */
  | "PolicyDenied"
  | "QuotaExceeded"
  /** An object of this name is there that Switchyard did not make. */
  | "Taken"
  /** The anchor or the namespace is on its way out. */
  | "Terminating";

/** An object of a group that could not be made, changed or deleted. */
export interface ApplyProblem {
  /** Such as `Deployment models/switchyard-default`. */
  object: string;
  code: ApplyProblemCode;
  /** What is wrong and what to do, for whoever reads Events and conditions. */
  message: string;
  /** Whether waiting cannot mend it: somebody has to change something first. */
  permanent: boolean;
}

export type Deed = "apply" | "delete";

/** What a person can do about a call that failed. */
export function problemOf(object: string, deed: Deed, error: KubeError): ApplyProblem {
  const refusal = recognise(error);
  if (refusal !== undefined) return { object, ...refusal };
  const message = `The operator could not ${deed} ${object}: ${adviceOn(error)}`;
  return { object, code: error.code, message, permanent: error.permanent };
}

/** What a person can do about a table of which something could not be written. */
export function publishingProblem(group: Group, error: KubeError): ApplyProblem {
  const { code, permanent } = error;
  const refusal = recognise(error) ?? { code, permanent, message: adviceOn(error) };
  return tableProblem(group, refusal);
}

/** @param why.message what keeps the table from being published */
export function tableProblem(
  { namespace, routerClass }: Group,
  why: Omit<ApplyProblem, "object">,
): ApplyProblem {
  const message = `The table could not be published, and routers keep what they have: ${why.message}`;
  return { ...why, object: `Table of ${namespace}/${routerClass}`, message };
}

/** A refusal that needs more said than its code; undefined for every other. */
function recognise(error: KubeError): Omit<ApplyProblem, "object"> | undefined {
  for (const { code, recognises, advise, permanent = true } of recognisable) {
    const match = recognises.exec(error.message);
    if (match !== null) return { code, permanent, message: advise(match.groups ?? {}, error) };
  }
  return undefined;
}

/** What a person can do about a group that could not be looked after at all. */
export function failedProblem({ namespace, routerClass }: Group, error: Error): ApplyProblem {
  const object = `Group ${namespace}/${routerClass}`;
  const why =
    error instanceof KubeError
      ? adviceOn(error)
      : `${oneLine(error.message)}. The operator tries again`;
  const message = `Nothing of class ${routerClass} in namespace ${namespace} was changed, and its routers keep their table: ${why}`;
  return { object, code: "NotReconciled", message, permanent: false };
}

interface Recognisable {
  code: ApplyProblemCode;
  /** The API server tells these apart in its sentences alone: all of them are 403 or 500. */
  recognises: RegExp;
  advise: (found: Readonly<Record<string, string>>, error: KubeError) => string;
  permanent?: boolean;
}

const recognisable: readonly Recognisable[] = [
  {
    code: "Terminating",
    recognises: /namespace (?<namespace>\S+) because it is being terminated/,
    advise: ({ namespace }) =>
      `Namespace ${namespace} is being deleted, and nothing new can be made in it`,
    permanent: false,
  },
  {
    code: "QuotaExceeded",
    recognises: /exceeded quota: (?<quota>[^,]+), (?<figures>.+)$/s,
    advise: ({ quota, figures }) =>
      `ResourceQuota ${quota} leaves no room (${figures}): raise it, or free some of it`,
  },
  {
    code: "GrantForbidden",
    recognises: /attempting to grant RBAC permissions not currently held:\s*(?<rules>.+)$/s,
    advise: ({ rules = "" }) =>
      `The operator may grant nobody what it does not hold itself: add to its role ${missingRights(rules)}`,
  },
  {
    code: "Forbidden",
    recognises:
      /User "(?<user>[^"]+)" cannot (?<verb>\S+) resource "(?<resource>[^"]+)" in API group "(?<group>[^"]*)"(?: in the namespace "(?<namespace>[^"]+)")?/,
    advise: ({ user, verb, resource, group = "", namespace }) => {
      const where = namespace === undefined ? "" : ` in namespace ${namespace}`;
      return `${user} lacks the verb ${verb} on ${resource} of API group "${group}"${where}: add it to the operator's role`;
    },
  },
  {
    code: "PolicyDenied",
    recognises:
      /(?<policy>ValidatingAdmissionPolicy '[^']+'(?: with binding '[^']+')?|admission webhook "[^"]+") denied (?:the )?request: ?(?<words>.*)$/s,
    advise: ({ policy = "", words = "" }) =>
      `${sentenceCase(policy)} of this cluster refuses it: ${oneLine(words) || "it says no more"}. Change the policy, or the class in the operator's configuration`,
  },
];

/** One for each resource: the API server tells them for each name apart. */
function missingRights(rules: string): string {
  const verbsOf = new Map<string, Set<string>>();
  const pattern =
    /APIGroups:\[(?<groups>[^\]]*)\], Resources:\[(?<resources>[^\]]*)\].*?Verbs:\[(?<verbs>[^\]]*)\]/g;
  for (const { groups = {} } of rules.matchAll(pattern)) {
    const { groups: group, resources = "", verbs = "" } = groups;
    const what = `${resources.replaceAll('"', "")} of API group ${group}`;
    const known = verbsOf.get(what) ?? new Set();
    verbsOf.set(what, known);
    for (const verb of verbs.replaceAll('"', "").split(" ")) known.add(verb);
  }
  const rights = [...verbsOf].map(
    ([what, verbs]) =>
      `${[...verbs].toSorted((left, right) => left.localeCompare(right)).join(", ")} on ${what}`,
  );
  return oneLine(rights.length === 0 ? rules : rights.join("; "));
}

const causesTold = 3;

function adviceOn(error: KubeError): string {
  const words = oneLine(error.message);
  switch (error.code) {
    case "Invalid": {
      const fields = error.causes
        .slice(0, causesTold)
        .map(({ field = "", message = "" }) => `${field}: ${message}`);
      const wrong = fields.length === 0 ? words : oneLine(fields.join("; "));
      return `${wrong}. Correct the class in the operator's configuration`;
    }
    case "BadRequest":
    case "Malformed":
      return `the API server does not understand the object: ${words}. Does its version fit the operator's?`;
    case "Unauthorized":
      return `the API server does not know who asks: ${words}. Is the operator's ServiceAccount token mounted and valid?`;
    case "NotFound":
      return `${words}. Does the namespace exist, and does the API server have this kind?`;
    case "Forbidden":
      return `${words}. Let the operator's role, or the policy that refused it, allow it`;
    default:
      return `${words}. The operator tries again`;
  }
}

const longestWords = 500;

function oneLine(text: string): string {
  const line = text.trim().replaceAll(/\s+/g, " ");
  return line.length > longestWords ? `${line.slice(0, longestWords)}…` : line;
}

const sentenceCase = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
