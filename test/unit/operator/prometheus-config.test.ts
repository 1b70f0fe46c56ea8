import { describe, expect, it } from "vitest";
import { operatorConfig } from "../../../src/operator/operator-config.ts";

const read = (prometheus: object) =>
  operatorConfig.safeParse({
    image: "switchyard:test",
    jobsImage: "switchyard-jobs:test",
    classes: { default: { prometheus } },
  });

describe("the store of metrics that a class names", () => {
  it.each([
    {},
    { url: "http://prometheus.monitoring:9090/prometheus" },
    {
      url: "https://aps-workspaces.eu-central-1.amazonaws.com/workspaces/ws-1",
      sigv4Region: "eu-central-1",
    },
  ])("is taken where routers start with it: %j", (prometheus) => {
    expect(read(prometheus).error?.issues).toBeUndefined();
  });

  it.each([
    [{ url: "prometheus" }, "write a URL with http"],
    [{ url: "prometheus:9090" }, "write a URL with http"],
    [{ url: "http://me:secret@prometheus" }, "write it without credentials"],
    [{ url: "http://prometheus?tenant=a" }, "without ? and #"],
    [{ url: "http://prometheus", sigv4Region: "Frankfurt" }, "write a region"],
  ])("is refused before routers would: %j", (prometheus, message) => {
    const messages = read(prometheus)
      .error?.issues.map((issue) => issue.message)
      .join("\n");
    expect(messages).toContain(message);
    expect(messages).not.toContain("secret");
  });
});
