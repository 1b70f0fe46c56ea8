import type { LookupAddress } from "node:dns";
import { describe, expect, it, vi } from "vitest";
import { guardedLookup } from "../../../src/lib/guarded-lookup.ts";

const names: Record<string, string[]> = {
  "service.example": ["10.0.0.7", "2001:db8::7"],
  "rebound.example": ["10.0.0.7", "127.0.0.1"],
  "metadata.example": ["169.254.169.254"],
  "mapped.example": ["::ffff:169.254.169.254"],
  localhost: ["127.0.0.1"],
};

vi.mock("node:dns", () => ({
  lookup: (
    hostname: string,
    { all }: { all?: boolean },
    callback: (error: Error | null, address: unknown, family?: number) => void,
  ) => {
    const found = names[hostname];
    if (found === undefined) return callback(new Error("ENOTFOUND"), all === true ? [] : "", 0);
    if (all !== true) return callback(null, found[0], 4);
    return callback(
      null,
      found.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
    );
  },
}));

type Told = string | LookupAddress[];

const resolve = async (hostname: string, all: boolean): Promise<Told> =>
  new Promise((found, failed) => {
    guardedLookup(hostname, { all }, (error, address) =>
      error === null ? found(address) : failed(error),
    );
  });

describe("the name of an endpoint", () => {
  it.each(["service.example", "localhost"])("%s leads where it leads", async (hostname) => {
    expect(await resolve(hostname, false)).toBe(names[hostname]?.[0]);
    expect(await resolve(hostname, true)).toMatchObject(
      (names[hostname] ?? []).map((address) => ({ address })),
    );
  });

  it.each(["metadata.example", "mapped.example"])("%s leads nowhere", async (hostname) => {
    const refused = { code: "ERR_SPECIAL_ADDRESS" };
    await expect(resolve(hostname, false)).rejects.toMatchObject(refused);
    await expect(resolve(hostname, true)).rejects.toMatchObject(refused);
  });

  it("leads nowhere where one of its addresses may not be", async () => {
    await expect(resolve("rebound.example", true)).rejects.toMatchObject({
      message: expect.stringContaining("rebound.example leads to 127.0.0.1") as string,
    });
  });

  it("that is unknown fails as it does", async () => {
    await expect(resolve("unknown.example", true)).rejects.toThrow("ENOTFOUND");
  });
});
