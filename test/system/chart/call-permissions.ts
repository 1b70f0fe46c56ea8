import type { KubeCall } from "../../../src/kube/index.ts";

const place =
  /^\/(?:api|apis\/(?<group>[^/]+))\/v[^/]+(?:\/namespaces\/[^/]+)?\/(?<plural>[^/]+)(?:\/(?<name>[^/]+))?(?:\/(?<subresource>[^/]+))?$/;

const verbs = { POST: "create", PUT: "update", DELETE: "delete", PATCH: "patch" } as const;

/**
 * What RBAC is asked for a call: `get apps/deployments`. An apply makes what is absent, for which it
 * needs `create` besides.
 */
export function permissionsOf(call: KubeCall): string[] {
  const { group = "", plural, name, subresource } = place.exec(call.path)?.groups ?? {};
  if (plural === undefined) throw new Error(`${call.path} is no resource`);
  const resource = [`${group}/${plural}`, subresource].filter(Boolean).join("/");
  const verb = call.method === "GET" ? readingVerb(call, name) : verbs[call.method];
  const makes = call.contentType === "application/apply-patch+yaml" && subresource === undefined;
  return [`${verb} ${resource}`, ...(makes ? [`create ${resource}`] : [])];
}

function readingVerb({ query }: KubeCall, name: string | undefined): string {
  if (name !== undefined) return "get";
  return query?.["watch"] === undefined ? "list" : "watch";
}
