import { describe, expect, it } from "vitest";
import { readEnvironment } from "../../../src/cli/environment.ts";
import { redisSettings } from "../../../src/cli/limit-store.ts";
import { UsageError } from "../../../src/cli/usage-error.ts";

const read = (variables: Record<string, string>) => redisSettings(readEnvironment(variables));

describe("the store of limits", () => {
  it("is the router's memory unless an address is given", () => {
    expect(read({})).toBeNull();
    expect(read({ SWITCHYARD_REDIS_URL: "" })).toBeNull();
  });

  it.each([
    ["redis://cache", { addresses: [{ host: "cache", port: 6379 }], tls: null, database: 0 }],
    ["rediss://cache:6380/2", { addresses: [{ host: "cache", port: 6380 }], tls: {}, database: 2 }],
    ["redis://[::1]:7000", { addresses: [{ host: "::1", port: 7000 }] }],
  ])("is a server: %s", (url, settings) => {
    expect(read({ SWITCHYARD_REDIS_URL: url })).toMatchObject(settings);
  });

  it("is a cluster by some of its nodes", () => {
    const variables = {
      SWITCHYARD_REDIS_URL: "redis://a:1, redis://b:2",
      SWITCHYARD_REDIS_CLUSTER: "true",
      SWITCHYARD_REDIS_USERNAME: "router",
      SWITCHYARD_REDIS_PASSWORD: "secret",
    };
    expect(read(variables)).toMatchObject({
      addresses: [
        { host: "a", port: 1 },
        { host: "b", port: 2 },
      ],
      cluster: true,
      username: "router",
      password: "secret",
    });
  });

  it.each([
    [{ SWITCHYARD_REDIS_URL: "redis://a,redis://b" }, /SWITCHYARD_REDIS_CLUSTER/],
    [{ SWITCHYARD_REDIS_URL: "redis://user:pass@a" }, /without credentials/],
    [{ SWITCHYARD_REDIS_URL: "http://a" }, /write redis:/],
    [{ SWITCHYARD_REDIS_URL: "redis://a/one" }, /write redis:/],
    [{ SWITCHYARD_REDIS_URL: "a:6379" }, /write redis:/],
    [
      { SWITCHYARD_REDIS_URL: "rediss://a", SWITCHYARD_REDIS_CA_FILE: "/not/there.crt" },
      /SWITCHYARD_REDIS_CA_FILE: /,
    ],
  ])("is refused with the variable at fault: %j", (variables, message) => {
    expect(() => read(variables)).toThrow(UsageError);
    expect(() => read(variables)).toThrow(message);
  });
});
