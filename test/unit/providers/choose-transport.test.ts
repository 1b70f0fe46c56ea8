import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it, vi } from "vitest";
import { Transports } from "../../../src/providers/choose-transport.ts";
import { bedrockBackend } from "../../support/bedrock-backend.ts";

const backend = (transport?: "Lean" | "Sdk") =>
  bedrockBackend("any.model", { target: transport === undefined ? {} : { transport } });

describe("a provider's transports", () => {
  it("are each made once, when a backend first asks for it; Lean for one that asks for none", async () => {
    const made = { Lean: { close: vi.fn() }, Sdk: { close: vi.fn() } };
    const make = { Lean: vi.fn(() => made.Lean), Sdk: vi.fn(async () => made.Sdk) };
    const transports = new Transports(make);
    expect(make.Lean).not.toHaveBeenCalled();
    expect(await transports.of(backend())).toBe(made.Lean);
    expect(await transports.of(backend("Lean"))).toBe(made.Lean);
    expect(make.Sdk).not.toHaveBeenCalled();
    const [first, second] = [transports.of(backend("Sdk")), transports.of(backend("Sdk"))];
    expect(await first).toBe(made.Sdk);
    expect(await second).toBe(made.Sdk);
    expect(make.Lean).toHaveBeenCalledTimes(1);
    expect(make.Sdk).toHaveBeenCalledTimes(1);
    await transports.close();
    for (const { close } of Object.values(made)) expect(close).toHaveBeenCalledTimes(1);
  });

  it("load nothing of the AWS SDK before a backend asks for it", async () => {
    const script = `
      import { createRequire } from "node:module";
      const { cache } = createRequire(import.meta.url);
      const { makeBedrock, makeSageMaker } = await import(process.argv[1] + "/providers/index.ts");
      const { reachBackends } = await import(process.argv[1] + "/cli/backend-reach.ts");
      const reach = reachBackends();
      for (const make of [makeBedrock, makeSageMaker]) make({ reach });
      console.log(Object.keys(cache).filter((path) => /@aws-sdk|@smithy/.test(path)).length);
      await import("@aws-sdk/client-bedrock-runtime");
      console.log(Object.keys(cache).some((path) => /@aws-sdk/.test(path)));
    `;
    const source = new URL("../../../src", import.meta.url).pathname;
    const run = promisify(execFile);
    const { stdout } = await run(process.execPath, ["--input-type=module", "-e", script, source]);
    expect(stdout).toBe("0\ntrue\n");
  });
});
