import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "../../../support/kube/free-port.ts";
import { SwitchyardProcess } from "../../../support/switchyard-process.ts";
import type { OperatorBench } from "../operator-bench.ts";
import type { Program } from "./program.ts";
import { mountAccount } from "./service-account.ts";

const account = "switchyard-operator";
/** As charts/switchyard sets them. */
const chartFlags = ["--max-semi-space-size=4", "--max-old-space-size=192"];
const chartEnvironment = { MALLOC_ARENA_MAX: "2" };

/** `switchyard operator` as a process of its own, which keeps the namespace of a bench. */
export class OperatorProcess {
  readonly process: SwitchyardProcess;
  readonly #adminUrl: string;
  readonly #folder: string;

  private constructor(process: SwitchyardProcess, adminUrl: string, folder: string) {
    this.process = process;
    this.#adminUrl = adminUrl;
    this.#folder = folder;
  }

  /** It leads then. It runs as it would in a pod: of the namespace's ServiceAccounts, with every right. */
  static async start(bench: OperatorBench, program: Program = {}): Promise<OperatorProcess> {
    const { namespace } = bench;
    await grantEverything(bench);
    const { folder, environment } = await mountAccount(bench, account);
    const config = join(folder, "operator.yaml");
    await writeFile(config, JSON.stringify({ image: "switchyard:test", namespace }));
    const port = String(await freePort());
    const nodeFlags = [...chartFlags, ...(program.nodeFlags ?? [])];
    const process = new SwitchyardProcess(
      ["operator", "--config", config, "--admin-host", "127.0.0.1", "--admin-port", port],
      {
        ...environment,
        ...chartEnvironment,
        POD_NAME: account,
        NODE_OPTIONS: nodeFlags.join(" "),
      },
      program.file,
    );
    const operator = new OperatorProcess(process, `http://127.0.0.1:${port}`, folder);
    try {
      await process.prints(/"Leading"/, "stderr");
    } catch (error) {
      await operator.stop();
      throw error;
    }
    return operator;
  }

  /** One of its metrics; 0 where it does not know it yet. */
  async metric(name: string): Promise<number> {
    const text = await (await fetch(`${this.#adminUrl}/metrics`)).text();
    return Number(new RegExp(`^${name} (.+)$`, "m").exec(text)?.[1] ?? 0);
  }

  async stop(): Promise<void> {
    this.process.signal("SIGTERM");
    await this.process.ended();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

async function grantEverything({ namespace, controlPlane: { kubectl } }: OperatorBench) {
  await kubectl(["create", "serviceaccount", account, "--namespace", namespace]);
  const subject = `--serviceaccount=${namespace}:${account}`;
  const binding = `${account}-${namespace}`;
  await kubectl(["create", "clusterrolebinding", binding, "--clusterrole=cluster-admin", subject]);
}
