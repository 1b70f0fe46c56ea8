import { describe, expect, it } from "vitest";
import { readEnvironment } from "../../../src/cli/environment.ts";
import { readPodIdentity } from "../../../src/cli/pod-identity.ts";
import { serveCluster } from "../../../src/cli/serve-cluster.ts";
import { UsageError } from "../../../src/cli/usage-error.ts";
import { makeLog } from "../../../src/telemetry/index.ts";
import { makeParts } from "../../support/router-parts.ts";

const whole = {
  POD_NAMESPACE: "shop",
  POD_NAME: "switchyard-default-abc",
  POD_UID: "1111",
  KUBERNETES_SERVICE_HOST: "10.96.0.1",
  KUBERNETES_SERVICE_PORT: "443",
};

const identityOf = (variables: NodeJS.ProcessEnv) => readPodIdentity(readEnvironment(variables));

describe("what a pod knows of itself", () => {
  it("is read from the environment", () => {
    expect(identityOf({ ...whole, PATH: "/bin" })).toEqual({
      namespace: "shop",
      name: "switchyard-default-abc",
      uid: "1111",
      apiServer: { host: "10.96.0.1", port: "443" },
    });
  });

  it.each(Object.keys(whole))("lacks %s where it is not set or empty, and says so", (name) => {
    for (const value of [undefined, ""]) {
      const read = () => identityOf({ ...whole, [name]: value });
      expect(read).toThrow(UsageError);
      expect(read).toThrow(new RegExp(`^${name} must be set`));
    }
  });

  it("may be known in part to commands that can do without", () => {
    expect(readEnvironment({})).not.toHaveProperty("POD_NAMESPACE");
    const { POD_NAMESPACE, POD_NAME } = readEnvironment({ POD_NAMESPACE: "shop", POD_NAME: "" });
    expect({ POD_NAMESPACE, POD_NAME }).toEqual({ POD_NAMESPACE: "shop" });
  });

  it("names all that is missing at once", () => {
    expect(() => identityOf({})).toThrow(Object.keys(whole).join(", "));
  });
});

it("is not enough without credentials: the router says so in a sentence", async () => {
  const served = serveCluster({
    pod: identityOf(whole),
    routerClass: "default",
    tableFolder: "/nothing/here",
    serviceAccountFolder: "/nothing/here",
    parts: makeParts(undefined, {}),
    log: makeLog({ level: "error" }),
  });
  await expect(served).rejects.toThrow(UsageError);
  await expect(served).rejects.toThrow(
    /no credentials for the API server: .*\/nothing\/here\/ca\.crt/,
  );
});
