// A real router as a process, beside the Pod object that a kubelet would have run it for.
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { publicationNames } from "../../../../src/table/index.ts";
import { SwitchyardProcess } from "../../../support/switchyard-process.ts";
import { eventually, type OperatorBench } from "../operator-bench.ts";
import type { Program } from "./program.ts";
import { mountAccount } from "./service-account.ts";

const account = publicationNames("default").anchor;

export class RouterPod {
  readonly name: string;
  readonly process: SwitchyardProcess;
  readonly url: string;
  readonly adminUrl: string;
  readonly #folder: string;

  private constructor(name: string, started: Started, folder: string) {
    this.name = name;
    this.process = started.process;
    this.url = started.url;
    this.adminUrl = started.adminUrl;
    this.#folder = folder;
  }

  /** Makes the pod and starts its router; both are ready then. The operator must have made the group. */
  static async start(
    bench: OperatorBench,
    name: string,
    program: Program = {},
  ): Promise<RouterPod> {
    await eventually(() => bench.read("RoleBinding", account), Boolean);
    const uid = await bench.makePod(name);
    const { folder, environment } = await mountAccount(bench, account);
    const own = { POD_NAME: name, POD_UID: uid, SWITCHYARD_TABLE_DIR: join(folder, "table") };
    const NODE_OPTIONS = (program.nodeFlags ?? []).join(" ");
    const started = await startProcess({ ...environment, ...own, NODE_OPTIONS }, program.file);
    const router = new RouterPod(name, started, folder);
    await eventually(() => router.isReady(), Boolean);
    await bench.setReady(name, true);
    return router;
  }

  /** Whether it has a table. */
  async isReady(): Promise<boolean> {
    return (await fetch(`${this.adminUrl}/readyz`)).ok;
  }

  /** Whether it tells clients of a model name. */
  async serves(model: string): Promise<boolean> {
    const response = await fetch(`${this.url}/v1/models/${model}`);
    await response.arrayBuffer();
    return response.ok;
  }

  async stop(): Promise<void> {
    this.process.signal("SIGTERM");
    await this.process.ended();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

interface Started {
  process: SwitchyardProcess;
  url: string;
  adminUrl: string;
}

async function startProcess(
  environment: Record<string, string>,
  file: string | undefined,
): Promise<Started> {
  const listening = ["--host", "127.0.0.1", "--port", "0", "--admin-host", "127.0.0.1"];
  const process = new SwitchyardProcess(
    ["router", "--kubernetes", ...listening, "--admin-port", "0"],
    environment,
    file,
  );
  try {
    return {
      process,
      url: await process.addressOf("API"),
      adminUrl: await process.addressOf("admin port"),
    };
  } catch (error) {
    await process.kill();
    throw error;
  }
}
