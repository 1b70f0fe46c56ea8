import { describe, expect, it } from "vitest";
import { listEverything } from "../support/cluster/example-state.ts";
import {
  applyExample,
  ask,
  exampleClient,
  exampleNamespace,
  routesProgrammed,
  systemNamespace,
} from "../support/cluster/installed-example.ts";
import { readBlocks } from "../support/cluster/read-blocks.ts";
import { Shell } from "../support/cluster/shell.ts";
import { useCluster } from "../support/cluster/use-cluster.ts";
import { words } from "../support/cluster/words.ts";

// The strictest that there is, before anything is installed: pods that fall short are refused.
const cluster = useCluster(async ({ kubectl }) => {
  await kubectl(words`create namespace ${systemNamespace}`);
  await kubectl(
    words`label namespace ${systemNamespace} pod-security.kubernetes.io/enforce=restricted`,
  );
});

describe("the README's way on a fresh cluster", () => {
  it("leads from nothing to an answered request, with no step beside it", async () => {
    const blocks = await readBlocks("README.md", "On Kubernetes");
    const [install = "", call = "", ...more] = blocks.filter(
      (block) => !block.includes("docker build"),
    );
    expect(more).toEqual([]);
    const shell = await Shell.open(cluster());
    const installed = await shell.run(install);
    expect(installed).toContain("modelroute.switchyard.dev/assistant condition met");
    expect(installed.trimEnd().split("\n").slice(-2)).toEqual([
      expect.stringMatching(/^NAME +MODELS +SELECTION +READY +PROGRAMMED +DRIFT +REASON +AGE/),
      expect.stringMatching(/^assistant +\["assistant"\] +CheapestWithinEnvelope +True +\d\/\d /),
    ]);
    const answer = /\{"id".*\}/.exec(await shell.run(call))?.[0] ?? "{}";
    await shell.close();
    expect(JSON.parse(answer)).toMatchObject({
      model: "assistant",
      choices: [{ message: { role: "assistant", content: expect.stringContaining("391") } }],
    });
  });

  it("has the three definitions established, and a pair of operators ready", async () => {
    const { kubectl } = cluster();
    for (const kind of ["modelbackends", "modelroutes", "tenantpolicies"]) {
      const definition = `crd/${kind}.switchyard.dev`;
      await kubectl(words`wait --for=condition=Established --timeout=1s ${definition}`);
    }
    const count = "jsonpath={.status.readyReplicas}/{.spec.replicas}";
    const asked = words`-n ${systemNamespace} get deployment switchyard-operator -o ${count}`;
    expect(await kubectl(asked)).toBe("2/2");
  });

  it("serves the OpenAI client through the Service, whole and streamed", async () => {
    const client = await exampleClient(cluster());
    expect(await ask(client, "What is 17 * 23?")).toContain("391");
    const stream = await client.chat.completions.create({
      model: "assistant",
      stream: true,
      messages: [{ role: "user", content: "Count from 1 to 9" }],
    });
    let text = "";
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? "";
    expect(text.match(/\d+/g)).toEqual(["1", "2", "3", "4", "5", "6", "7", "8", "9"]);
  });

  it("is called through the cluster's own names from another pod", async () => {
    const script = `
      const url = "http://switchyard-default.models.svc/v1/models";
      const authorization = "Bearer sy_local-example-key-for-the-support-team";
      fetch(url, { headers: { authorization } }).then((reply) => reply.text()).then(console.log)`;
    const image = words`--image=switchyard:0.1.0 --image-pull-policy=IfNotPresent`;
    const pod = words`run caller --restart=Never --command -- node -e ${script}`;
    await cluster().kubectl([...image, ...pod]);
    const done = "--for=jsonpath={.status.phase}=Succeeded";
    await cluster().kubectl(words`wait ${done} pod/caller --timeout=60s`);
    const said = await cluster().kubectl(["logs", "caller"]);
    expect(JSON.parse(said)).toMatchObject({ data: [{ id: "assistant" }] });
  });

  it("keeps every pod within Pod Security restricted", async () => {
    const { kubectl } = cluster();
    for (const namespace of [systemNamespace, exampleNamespace]) {
      const label = "{.metadata.labels.pod-security\\.kubernetes\\.io/enforce}";
      const asked = words`get namespace ${namespace} -o jsonpath=${label}`;
      expect(await kubectl(asked)).toBe("restricted");
      const pods = words`-n ${namespace} get pods -o jsonpath={.items[*].status.phase}`;
      expect(new Set((await kubectl(pods)).split(" "))).toEqual(new Set(["Running"]));
    }
  });

  it("says in each status which generation it is of", async () => {
    const path =
      "jsonpath={range .items[*]}{.kind} {.metadata.generation} {.status.observedGeneration}" +
      '{range .status.conditions[?(@.type=="Ready")]} {.status} {.observedGeneration}{end}{"\\n"}{end}';
    const kinds = "modelbackends,modelroutes,tenantpolicies";
    const said = await cluster().kubectl(["-n", exampleNamespace, "get", kinds, "-o", path]);
    expect(said.trim().split("\n").toSorted()).toEqual([
      "ModelBackend 1 1 True 1",
      "ModelBackend 1 1 True 1",
      "ModelRoute 1 1 True 1",
      "TenantPolicy 1 1 True 1",
    ]);
  });
});

// Of all that the operator has made it deletes the anchor alone: the rest is the garbage collector's.
describe("a group whose last route is deleted", () => {
  it("goes with everything that was made for it and nothing else, and comes with a route again", async () => {
    const before = await listEverything(cluster());
    expect(before.labelled).toContain("deployment.apps/switchyard-default");
    await cluster().kubectl(words`-n ${exampleNamespace} delete modelroute assistant`);
    const left = async () => (await listEverything(cluster())).labelled;
    await expect.poll(left, { timeout: 120_000, interval: 500 }).toEqual([]);
    const others = before.others.filter((name) => !name.startsWith("modelroute."));
    expect((await listEverything(cluster())).others).toEqual(others);

    await applyExample(cluster());
    await routesProgrammed(cluster());
    expect(await ask(await exampleClient(cluster()), "Repeat: back again")).toBe("back again");
  });
});
