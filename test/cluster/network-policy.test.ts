import { expect, it } from "vitest";
import { operatorsLabel, routersLabel } from "../support/cluster/example-state.ts";
import {
  ask,
  exampleClient,
  exampleNamespace,
  installChart,
  installExample,
  systemNamespace,
} from "../support/cluster/installed-example.ts";
import { useCluster } from "../support/cluster/use-cluster.ts";
import { words } from "../support/cluster/words.ts";

const elsewhere = "strangers";
const ownPort = 7_777;

/** A pod that no policy chooses, in a namespace; it listens on a port of its own. */
const bystander = "bystander";

const cluster = useCluster(async (fresh) => {
  await fresh.enforcePolicies();
  await installExample(fresh);
  await fresh.kubectl(words`create namespace ${elsewhere}`);
  const listen = `require("node:http").createServer((_, answer) => answer.end("here")).listen(${ownPort})`;
  for (const namespace of [elsewhere, systemNamespace]) {
    const image = words`--image=switchyard:0.1.0 --image-pull-policy=IfNotPresent`;
    const run = words`-n ${namespace} run ${bystander} --command`;
    await fresh.kubectl([...run, ...image, ...words`-- node -e ${listen}`]);
    const ready = words`-n ${namespace} wait --for=condition=Ready pod/${bystander} --timeout=60s`;
    await fresh.kubectl(ready);
  }
});

interface Pod {
  namespace: string;
  name: string;
}

async function podOf(namespace: string, label: string): Promise<Pod> {
  const asked = words`-n ${namespace} get pods -l ${label} -o jsonpath={.items[0].metadata.name}`;
  return { namespace, name: await cluster().kubectl(asked) };
}

const addressOf = ({ namespace, name }: Pod): Promise<string> =>
  cluster().kubectl(words`-n ${namespace} get pod ${name} -o jsonpath={.status.podIP}`);

/** What becomes of a call from one pod to another: a status, or why there was none. */
async function call(from: Pod, to: Pod, port: number, path = "/"): Promise<string> {
  const url = `http://${await addressOf(to)}:${port}${path}`;
  const script = `
    fetch("${url}", { signal: AbortSignal.timeout(3_000) }).then(
      ({ status }) => console.log(String(status)),
      (error) => console.log(error.cause?.code ?? error.name))`;
  const exec = words`-n ${from.namespace} exec ${from.name} -- node -e ${script}`;
  return (await cluster().kubectl(exec)).trim();
}

const stranger: Pod = { namespace: elsewhere, name: bystander };
const colleague: Pod = { namespace: systemNamespace, name: bystander };
const router = () => podOf(exampleNamespace, routersLabel);
const operator = () => podOf(systemNamespace, operatorsLabel);

/** A packet that a policy drops has no answer: neither a refusal nor a reset. */
const dropped = "TimeoutError";

it("a router's API is called from any namespace, and its admin port from the operator's alone", async () => {
  const to = await router();
  await expect.poll(() => call(stranger, to, 8081, "/livez"), { timeout: 30_000 }).toBe(dropped);
  expect(await call(colleague, to, 8081, "/livez")).toBe("200");
  expect(await call(stranger, to, 8080, "/v1/models")).toBe("401");
});

it("a router reaches what its class names and nothing else", async () => {
  expect(await call(await router(), stranger, ownPort)).toBe(dropped);
  expect(await call(colleague, stranger, ownPort)).toBe("200");
  expect(await ask(await exampleClient(cluster()), "Repeat: through")).toBe("through");
});

it("nobody calls the operator", async () => {
  expect(await call(stranger, await operator(), 8081, "/livez")).toBe(dropped);
  expect(await call(colleague, await operator(), 8081, "/livez")).toBe(dropped);
});

it("a class without a policy is open: it was the policy that blocked", async () => {
  await installChart(cluster(), "--set", "classes.default.networkPolicy.enabled=false");
  const to = await router();
  await expect.poll(() => call(stranger, to, 8081, "/livez"), { timeout: 60_000 }).toBe("200");
  expect(await call(to, stranger, ownPort)).toBe("200");
});
