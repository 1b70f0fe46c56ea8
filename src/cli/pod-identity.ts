import type { Environment } from "./environment.ts";
import { UsageError } from "./usage-error.ts";

/** What the downward API and the kubelet tell a pod of itself. */
export interface PodIdentity {
  namespace: string;
  name: string;
  uid: string;
  apiServer: { host: string; port: string };
}

const variables = [
  "POD_NAMESPACE",
  "POD_NAME",
  "POD_UID",
  "KUBERNETES_SERVICE_HOST",
  "KUBERNETES_SERVICE_PORT",
] as const;

type Variable = (typeof variables)[number];

/** @throws UsageError naming every variable that is missing */
export function readPodIdentity(environment: Pick<Environment, Variable>): PodIdentity {
  const missing = variables.filter((name) => environment[name] === undefined);
  if (missing.length > 0) {
    throw new UsageError(
      `${missing.join(", ")} must be set: --kubernetes is for pods that the operator has made`,
    );
  }
  const [namespace = "", name = "", uid = "", host = "", port = ""] = variables.map(
    (each) => environment[each] ?? "",
  );
  return { namespace, name, uid, apiServer: { host, port } };
}
