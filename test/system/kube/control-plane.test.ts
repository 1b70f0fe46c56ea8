import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { once } from "node:events";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, it, vi } from "vitest";
import { callApi } from "../../support/kube/client-config.ts";
import { useControlPlane } from "../../support/kube/use-control-plane.ts";

const controlPlane = useControlPlane({
  controllers: ["namespace-controller", "garbage-collector-controller"],
});

const readiness = { method: "GET", path: "/readyz" } as const;
const patient = { timeout: 30_000, interval: 100 };

describe("a control plane for tests", () => {
  it("is the Kubernetes that it says it is, and denies strangers", async () => {
    const { kubectl, adminClientConfig } = controlPlane();
    const versions = JSON.parse(await kubectl(["version", "-o", "json"])) as {
      clientVersion: { gitVersion: string };
      serverVersion: { gitVersion: string };
    };
    expect(versions.serverVersion.gitVersion).toBe(versions.clientVersion.gitVersion);
    await expect(kubectl(["get", "pods", "--as", "stranger"])).rejects.toThrow("cannot list");
    const stranger = { ...adminClientConfig, cert: "", key: "" };
    expect((await callApi(stranger, { method: "GET", path: "/api/v1/namespaces" })).status).toBe(
      403,
    );
  });

  it("keeps its state and its place while the API server is away", async () => {
    const { kubectl, createNamespace, stopApiServer, startApiServer, adminClientConfig } =
      controlPlane();
    const namespace = await createNamespace();
    await kubectl(["-n", namespace, "create", "configmap", "kept", "--from-literal=a=b"]);
    await stopApiServer();
    await expect(callApi(adminClientConfig, readiness)).rejects.toThrow("ECONNREFUSED");
    await startApiServer();
    const data = ["get", "configmap", "kept", "-o", "jsonpath={.data.a}"];
    expect(await kubectl(["-n", namespace, ...data])).toBe("b");
  });

  it("runs the controllers that were asked for", async () => {
    const { kubectl, createNamespace } = controlPlane();
    const namespace = await createNamespace();
    const at = ["-n", namespace];
    await kubectl([...at, "create", "configmap", "owner"]);
    const uid = await kubectl([
      ...at,
      "get",
      "configmap",
      "owner",
      "-o",
      "jsonpath={.metadata.uid}",
    ]);
    const owned = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: {
        name: "owned",
        ownerReferences: [{ apiVersion: "v1", kind: "ConfigMap", name: "owner", uid }],
      },
    };
    await kubectl([...at, "create", "-f", "-"], JSON.stringify(owned));
    await kubectl([...at, "delete", "configmap", "owner"]);
    await kubectl([...at, "wait", "--for=delete", "configmap/owned", "--timeout=60s"]);
    await kubectl(["delete", "namespace", namespace, "--timeout=60s"]);
    await expect(kubectl(["get", "namespace", namespace])).rejects.toThrow("not found");
  });

  it("ends with the process that started it, even by kill -9", async () => {
    const program = `
      import { startControlPlane } from ${JSON.stringify(resolve(import.meta.dirname, "../../support/kube/control-plane.ts"))};
      const { folder, url, ca } = await startControlPlane();
      console.log(JSON.stringify({ folder, url, ca }));`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = (await once(createInterface(child.stdout), "line")) as [string];
    const orphan = JSON.parse(line) as { folder: string; url: string; ca: string };
    const reach = { ...controlPlane().adminClientConfig, ...orphan, cert: "", key: "" };
    expect((await callApi(reach, readiness)).status).toBe(200);
    child.kill("SIGKILL");
    await vi.waitFor(async () => {
      await expect(callApi(reach, readiness)).rejects.toThrow("ECONNREFUSED");
      expect(existsSync(orphan.folder)).toBe(false);
    }, patient);
  });
});
