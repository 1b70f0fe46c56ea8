// Tokens that a real API server makes for ServiceAccounts, shown to a router that asks the same API server
// for its keys, with no more rights than the operator gives it.
import { afterEach, beforeEach, expect, test } from "vitest";
import { publicationNames } from "../../../src/table/index.ts";
import { useControlPlane } from "../../support/kube/use-control-plane.ts";
import { becomes, eventually, installDefinitions, OperatorBench } from "./operator-bench.ts";
import { RouterBench } from "./router-bench.ts";
import { routeSpec } from "./sample-specs.ts";

const controlPlane = useControlPlane({}, installDefinitions);

let bench: OperatorBench;
let router: RouterBench;
/** Another one than the policy's. */
let shop: string;

beforeEach(async () => {
  bench = await OperatorBench.open(controlPlane());
  shop = await controlPlane().createNamespace();
  for (const namespace of [bench.namespace, shop]) {
    for (const name of ["checkout", "cart"])
      await controlPlane().kubectl(["-n", namespace, "create", "serviceaccount", name]);
  }
  await bench.start();
  await bench.apply("ModelBackend", "nova");
  await bench.apply("ModelRoute", "chat", routeSpec("chat"));
  await bench.apply("TenantPolicy", "shop", policyFor("switchyard"));
  await eventually(
    () => bench.table(),
    (table) => table?.tenants["shop"]?.tokens !== undefined,
  );
  await eventually(() => bench.read("RoleBinding", publicationNames("default").anchor), Boolean);
  router = await RouterBench.start(bench, "router-a");
  await becomes(async () => (await router.readyz()).code === 200, true);
});

afterEach(async () => {
  await router.close();
  await bench.close();
});

const policyFor = (audience: string) => ({
  subjects: [
    { type: "ServiceAccount", serviceAccount: { namespace: shop, name: "checkout", audience } },
  ],
  routes: { selector: {} },
});

const tokenOf = async (namespace: string, name: string, audience = "switchyard"): Promise<string> =>
  controlPlane()
    .kubectl(["-n", namespace, "create", "token", name, `--audience=${audience}`])
    .then((token) => token.trim());

test("a ServiceAccount of another namespace that the policy names is let in, and nobody beside it", async () => {
  const token = await tokenOf(shop, "checkout");
  expect((await router.readyz()).problems).toEqual([]);
  expect(await router.ask("chat", token)).toBe(200);
  expect(await router.ask("chat", await tokenOf(shop, "cart"))).toBe(401);
  expect(await router.ask("chat", await tokenOf(bench.namespace, "checkout"))).toBe(401);
  expect(await router.ask("chat", await tokenOf(shop, "checkout", "others"))).toBe(401);
  expect(
    await router.ask("chat", await tokenOf(shop, "checkout", "https://kubernetes.default.svc")),
  ).toBe(401);
  expect(await router.ask("chat", `${token.slice(0, -8)}AAAAAAAA`)).toBe(401);
  expect(await router.ask("chat")).toBe(401);
  const { problems } = await router.readyz();
  expect(problems).toEqual([]);
});

test("a changed policy holds for tokens that were let in before, and the API server's absence for none", async () => {
  const token = await tokenOf(shop, "checkout");
  const other = await tokenOf(shop, "checkout", "others");
  expect(await router.ask("chat", token)).toBe(200);
  await bench.apply("TenantPolicy", "shop", policyFor("others"));
  await becomes(() => router.ask("chat", token), 401);
  await becomes(() => router.ask("chat", other), 200);
  await controlPlane().stopApiServer();
  try {
    expect(await router.ask("chat", other)).toBe(200);
  } finally {
    await controlPlane().startApiServer();
  }
});
