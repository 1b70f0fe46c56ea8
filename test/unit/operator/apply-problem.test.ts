import { describe, expect, test } from "vitest";

import { KubeError, type KubeErrorCode } from "../../../src/kube/index.ts";
import { failedProblem, problemOf } from "../../../src/operator/apply-problem.ts";

const object = "Deployment models/switchyard-default";

const tell = (code: KubeErrorCode, message: string, causes: KubeError["causes"] = []) =>
  problemOf(object, "apply", new KubeError(code, message, { status: 0, causes }));

describe("a refusal is told with what to do", () => {
  test.each<[string, string, KubeErrorCode, string]>([
    [
      "Forbidden",
      'system:serviceaccount:switchyard-system:operator lacks the verb patch on deployments of API group "apps" in namespace models: add it to the operator\'s role',
      "Forbidden",
      'deployments.apps "switchyard-default" is forbidden: User "system:serviceaccount:switchyard-system:operator" cannot patch resource "deployments" in API group "apps" in the namespace "models"',
    ],
    [
      "GrantForbidden",
      'The operator may grant nobody what it does not hold itself: add to its role get, list on configmaps of API group ""; create, get on leases of API group "coordination.k8s.io"',
      "Forbidden",
      'roles.rbac.authorization.k8s.io "switchyard-default" is forbidden: user "operator" (groups=["g"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["configmaps"], ResourceNames:["a"], Verbs:["get"]}\n{APIGroups:[""], Resources:["configmaps"], ResourceNames:["b"], Verbs:["get" "list"]}\n{APIGroups:["coordination.k8s.io"], Resources:["leases"], Verbs:["create" "get"]}',
    ],
    [
      "QuotaExceeded",
      "ResourceQuota small leaves no room (requested: count/services=1, used: count/services=5, limited: count/services=5): raise it, or free some of it",
      "Forbidden",
      'services "switchyard-default" is forbidden: exceeded quota: small, requested: count/services=1, used: count/services=5, limited: count/services=5',
    ],
    [
      "PolicyDenied",
      "ValidatingAdmissionPolicy 'no-latest' with binding 'all' of this cluster refuses it: images need a digest. Change the policy, or the class in the operator's configuration",
      "Invalid",
      "deployments.apps \"switchyard-default\" is forbidden: ValidatingAdmissionPolicy 'no-latest' with binding 'all' denied request: images need a digest",
    ],
    [
      "PolicyDenied",
      'Admission webhook "guard.example.com" of this cluster refuses it: no label team. Change the policy, or the class in the operator\'s configuration',
      "BadRequest",
      'admission webhook "guard.example.com" denied the request: no label team',
    ],
  ])("%s: %s", (code, message, from, words) => {
    expect(tell(from, words)).toEqual({ object, code, message, permanent: true });
  });

  test("an invalid object names its fields", () => {
    const causes = [
      { field: "spec.template.spec.tolerations[0].operator", message: 'Unsupported value: "Like"' },
      { field: "spec.replicas", message: "Invalid value: -1" },
    ];
    expect(tell("Invalid", 'Deployment "switchyard-default" is invalid', causes)).toEqual({
      object,
      code: "Invalid",
      message:
        "The operator could not apply Deployment models/switchyard-default: spec.template.spec.tolerations[0].operator: " +
        'Unsupported value: "Like"; spec.replicas: Invalid value: -1. Correct the class in the operator\'s configuration',
      permanent: true,
    });
  });

  test.each<[KubeErrorCode, boolean, string]>([
    ["Invalid", true, "Correct the class"],
    ["Forbidden", true, "Let the operator's role"],
    ["BadRequest", true, "does not understand"],
    ["Unauthorized", false, "ServiceAccount token"],
    ["NotFound", false, "Does the namespace exist"],
    ["Conflict", false, "tries again"],
    ["TooManyRequests", false, "tries again"],
    ["Unavailable", false, "tries again"],
    ["Unreachable", false, "tries again"],
  ])("%s, permanent: %s, says: %s", (code, permanent, advice) => {
    const problem = tell(code, "it went\n  wrong");
    expect(problem).toMatchObject({ code, permanent });
    expect(problem.message).toContain(advice);
    expect(problem.message).toContain("it went wrong");
  });

  test("is of a length that an Event can hold", () => {
    const causes = Array.from({ length: 50 }, () => ({ field: "a.b", message: "x".repeat(400) }));
    for (const code of ["Invalid", "Unavailable"] as const) {
      expect(tell(code, "y".repeat(5_000), causes).message.length).toBeLessThan(1_024);
    }
  });
});

describe("a group that could not be looked after", () => {
  const group = { namespace: "models", routerClass: "gold" };

  test.each([
    [
      new KubeError("Forbidden", "configmaps is forbidden", { status: 403 }),
      "configmaps is forbidden. Let the operator's role, or the policy that refused it, allow it",
    ],
    [
      new KubeError("Unreachable", "The API server does not answer: ECONNRESET", { status: 0 }),
      "The API server does not answer: ECONNRESET. The operator tries again",
    ],
    [new Error("what nobody thought of"), "what nobody thought of. The operator tries again"],
  ])("is told of with its cause and what comes of it", (error, why) => {
    expect(failedProblem(group, error)).toEqual({
      object: "Group models/gold",
      code: "NotReconciled",
      message: `Nothing of class gold in namespace models was changed, and its routers keep their table: ${why}`,
      permanent: false,
    });
  });
});
