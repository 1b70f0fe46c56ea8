import { describe, expect, it } from "vitest";
import { chartFolder, useHelm, type Values } from "../../support/helm.ts";

const helm = useHelm();

const set = (path: string, value: unknown): Values =>
  path.split(".").reduceRight<unknown>((inner, name) => ({ [name]: inner }), value) as Values;

describe("helm lint --strict", () => {
  it("has nothing against the chart", async () => {
    const said = await helm().run(["lint", "--strict", chartFolder], set("image.repository", "x"));
    expect(said).toContain("1 chart(s) linted, 0 chart(s) failed");
  });
});

const refusals: readonly (readonly [path: string, value: unknown, told: RegExp])[] = [
  ["imagee", {}, /additional properties 'imagee' not allowed/],
  ["image.repo", "x", /'\/image': additional properties 'repo' not allowed/],
  ["image.repository", "registry.example/switchyard:1", /'\/image\/repository'/],
  ["image.digest", "abc", /'\/image\/digest'/],
  ["image.pullPolicy", "Sometimes", /'\/image\/pullPolicy': value must be one of 'Always'/],
  ["imagePullSecrets", ["registry"], /'\/imagePullSecrets\/0': got string, want object/],
  ["watchNamespace", "Models", /'\/watchNamespace'/],
  ["crds.install", "yes", /'\/crds\/install': got string, want boolean/],
  ["operator.replicas", 0, /'\/operator\/replicas': minimum: got 0, want 1/],
  ["operator.logLevel", "loud", /'\/operator\/logLevel'/],
  ["operator.env", { LEVEL: 1 }, /'\/operator\/env\/LEVEL': got number, want string/],
  ["operator.env", { POD_NAME: "x" }, /operator\.env\.POD_NAME: the chart sets this.*remove it/],
  [
    "operator.env",
    { SWITCHYARD_LOG_LEVEL: "debug" },
    /operator\.env\.SWITCHYARD_LOG_LEVEL: .*: set operator\.logLevel/,
  ],
  [
    "operator.networkPolicy.apiServer",
    [{ cidr: "::/0" }],
    /'\/operator\/networkPolicy\/apiServer\/0'/,
  ],
  ["classes.Gold", {}, /'\/classes': additional properties 'Gold' not allowed/],
  ["classes.gold", { endpoints: [] }, /additional properties 'endpoints' not allowed/],
  [
    "classes.default.replicas.min",
    0,
    /'\/classes\/default\/replicas\/min': minimum: got 0, want 1/,
  ],
  [
    "classes.gold",
    { replicas: { min: 12 } },
    /classes\.gold\.replicas: max is 10 and min is 12: raise max/,
  ],
  [
    "classes.gold",
    { records: { emf: true }, env: { SWITCHYARD_RECORDS: "none" } },
    /classes\.gold\.records\.emf: metrics stand in printed records: take SWITCHYARD_RECORDS out/,
  ],
  [
    "classes.default.resources.limits.gpu",
    "1",
    /resources\/limits': additional properties 'gpu' not allowed/,
  ],
  ["classes.default.roleArns", "arn", /'\/classes\/default\/roleArns': got string, want array/],
  ["classes.default.drainSeconds", 1.5, /'\/classes\/default\/drainSeconds'/],
  ["classes.default.networkPolicy.egress", [{ cidr: "::/0", ports: [0] }], /egress\/0\/ports\/0'/],
  ["monitoring.interval", "often", /'\/monitoring\/interval'/],
];

describe("a value that is not right", () => {
  it.each(refusals)("is refused by its name: %s = %j", async (path, value, told) => {
    const values = {
      ...set("image.repository", "registry.example/switchyard"),
      ...set(path, value),
    };
    await expect(helm().render(values)).rejects.toThrow(told);
  });

  it("is refused where it is missing: the repository of the image", async () => {
    await expect(helm().render({})).rejects.toThrow(/image\.repository: say where you pushed/);
  });

  it("is refused where routers would be named as the operator is", async () => {
    const values = { ...set("image.repository", "x"), ...set("classes.operator", {}) };
    await expect(helm().render(values)).rejects.toThrow(/classes\.operator: its routers would be/);
  });
});
