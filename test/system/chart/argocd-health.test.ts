import { readFileSync } from "node:fs";
import { join } from "node:path";
import { LuaFactory } from "wasmoon";
import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { group, kindNames, type Finding } from "../../../src/api/index.ts";
import { draftStatus } from "../../../src/operator/status/draft-status.ts";
import type { Standing } from "../../../src/operator/status/standing.ts";
import { chartFolder } from "../../support/helm.ts";

const { data } = parse(readFileSync(join(chartFolder, "docs/argocd/argocd-cm.yaml"), "utf8")) as {
  data: Record<string, string>;
};
const scriptOf = (kind: string) =>
  data[`resource.customizations.health.${group}_${kind}`] ?? "error('no script')";

const standing: Standing = {
  routerClass: "default",
  isPending: false,
  isPublished: true,
  ready: 3,
  programmed: 3,
  serving: 3,
  refusals: [],
};

const invalid: Finding = {
  severity: "Error",
  reason: "Invalid",
  ref: { kind: "ModelRoute", namespace: "models", name: "assistant" },
  path: "spec.models",
  message: "spec.models is empty: name at least one model.",
};

const statusOf = (findings: readonly Finding[], standings: readonly Standing[]) =>
  draftStatus({
    resource: { kind: "ModelRoute", generation: 2 },
    findings,
    standings,
    previous: undefined,
    now: Date.UTC(2026, 0, 1),
  });

const served = statusOf([], [standing]);

/** As the operator writes it; `generation` is that of the resource. */
const cases: Readonly<
  Record<string, { generation?: number; status?: object; health: string; told: RegExp }>
> = {
  "nobody has seen": { health: "Progressing", told: /operator/ },
  "every router serves": { status: served, health: "Healthy", told: /3 ready routers/ },
  "was edited since": { generation: 3, status: served, health: "Progressing", told: /operator/ },
  "one router does not serve yet": {
    status: statusOf([], [{ ...standing, programmed: 2 }]),
    health: "Progressing",
    told: /2 of 3/,
  },
  "is invalid": {
    status: statusOf([invalid], [standing]),
    health: "Degraded",
    told: /name at least one model/,
  },
  "has no conditions": { status: { observedGeneration: 2 }, health: "Progressing", told: /op/ },
};

describe("Argo CD's health script", () => {
  let factory: LuaFactory;

  beforeAll(() => {
    factory = new LuaFactory();
  });

  async function healthOf(kind: string, object: object): Promise<Record<string, string>> {
    const lua = await factory.createEngine();
    try {
      lua.global.set("obj", object);
      return (await lua.doString(scriptOf(kind))) as Record<string, string>;
    } finally {
      lua.global.close();
    }
  }

  it("is there for each kind", () => {
    expect(Object.keys(data)).toHaveLength(kindNames.length);
    expect(new Set(kindNames.map(scriptOf)).size).toBe(1);
  });

  it.each(Object.entries(cases))("tells of a resource that %s", async (_, given) => {
    const { generation = 2, status, health, told } = given;
    const object = { metadata: { generation }, ...(status === undefined ? {} : { status }) };
    for (const kind of kindNames) {
      const answer = await healthOf(kind, object);
      expect(answer["status"]).toBe(health);
      expect(answer["message"]).toMatch(told);
    }
  });

  it("takes a resource that nobody uses for healthy", async () => {
    const status = draftStatus({
      resource: { kind: "ModelBackend", generation: 1 },
      findings: [],
      standings: [],
      previous: undefined,
      now: 0,
    });
    const answer = await healthOf("ModelBackend", { metadata: { generation: 1 }, status });
    expect(answer["status"]).toBe("Healthy");
  });
});
