import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { startAndStop } from "../../support/kube/start-and-stop.ts";

const run = promisify(execFile);
const file = new URL("../../support/kube/start-and-stop.ts", import.meta.url).href;

it("leaves nothing behind that keeps a process alive", async () => {
  const { name } = startAndStop;
  const script = `import { ${name} } from "${file}"; await ${name}(); console.log("stopped");`;
  // Whatever waits in it waits for an hour.
  const parameters = ["--input-type=module", "--eval", script];
  const { stdout } = await run(process.execPath, parameters, { timeout: 15_000 });
  expect(stdout).toBe("stopped\n");
});
