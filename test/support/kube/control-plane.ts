import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { controlPlaneBinaries, resolveBinaries } from "./binaries.ts";
import { makeAuthority, writeKey } from "./certificates.ts";
import { callApi, readClientConfig, writeKubeconfig, type ClientConfig } from "./client-config.ts";
import { freePort } from "./free-port.ts";
import { GuardedProcesses, type GuardedProcess } from "./guarded-processes.ts";
import { makeKubectl, type Kubectl } from "./kubectl.ts";
import { writeAuditPolicy } from "./audit.ts";
import { apiServerFlags, controllerManagerFlags, etcdFlags, type Layout } from "./server-flags.ts";

/** How long a control plane may take to come up, binaries at hand. */
export const startLimitMs = 90_000;

export interface ControlPlaneOptions {
  /**
   * Controllers for kube-controller-manager to run, by the names of its flag; absent: it is not
   * started, and nothing is collected, terminated or scaled.
   */
  controllers?: readonly string[];
  /** Whether the API server is to note every write of whomever in `auditLog`. */
  audit?: boolean;
}

/** A real API server with etcd, on free ports of 127.0.0.1, with RBAC and without nodes. */
export interface ControlPlane {
  url: string;
  /** The certificate authority in PEM. */
  ca: string;
  /** A file by which its administrator reaches it. */
  kubeconfig: string;
  adminClientConfig: ClientConfig;
  /** Where its parts keep state and logs; gone after stop. */
  folder: string;
  /** Its audit events of writes, as JSON lines; absent where nobody asked for them. */
  auditLog?: string;
  kubectl: Kubectl;
  /** Makes a namespace with a name of its own and gives the name. */
  createNamespace: () => Promise<string>;
  /** Ends the API server at once, connections and all; etcd keeps the state. */
  stopApiServer: () => Promise<void>;
  /** Starts it again on the same port with the same state; there once it answers. */
  startApiServer: () => Promise<void>;
  /** Ends everything and removes its state. Calling it again does no harm. */
  stop: () => Promise<void>;
}

/**
 * Starts a control plane; it is there once the API server answers and has made its own namespaces.
 * Roles take effect some 50 ms later, and the first watches of a new CRD may be put off with 429.
 *
 * @throws Error saying what is missing, or with the last words of what would not start
 */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const binaries = await resolveBinaries(controlPlaneBinaries);
  if (!binaries.ok) throw new Error(binaries.error);
  for (let attempt = 1; ; attempt += 1) {
    const processes = await GuardedProcesses.open("control-plane");
    try {
      return await startIn(processes, binaries.value, options);
    } catch (error) {
      await processes.end();
      // Another process may have taken a port between the asking and the listening.
      if (attempt === 3 || !String(error).includes("address already in use")) throw error;
    }
  }
}

type Binaries = Record<(typeof controlPlaneBinaries)[number], string>;

async function startIn(
  processes: GuardedProcesses,
  binaries: Binaries,
  options: ControlPlaneOptions,
): Promise<ControlPlane> {
  const { folder } = processes;
  const { layout, admin } = await layOut(folder);
  if (options.audit === true) layout.audit = await writeAuditPolicy(folder);
  const etcd = processes.start("etcd", binaries.etcd, etcdFlags(layout));
  const apiServer = new ApiServer(processes, binaries["kube-apiserver"], layout, admin);
  await apiServer.start(etcd);
  if (options.controllers !== undefined) {
    const flags = controllerManagerFlags(layout, options.controllers);
    const program = binaries["kube-controller-manager"];
    await processes.start("kube-controller-manager", program, flags).assertRunning();
  }
  return {
    url: admin.url,
    ca: admin.ca,
    kubeconfig: layout.kubeconfig,
    adminClientConfig: admin,
    folder,
    ...(layout.audit && { auditLog: layout.audit.log }),
    kubectl: makeKubectl(binaries.kubectl, layout.kubeconfig, folder),
    createNamespace: () => createNamespace(admin),
    stopApiServer: () => apiServer.stop(),
    startApiServer: () => apiServer.start(etcd),
    stop: () => processes.end(),
  };
}

/** Writes every key, certificate and kubeconfig, and chooses the ports. */
async function layOut(folder: string): Promise<{ layout: Layout; admin: ClientConfig }> {
  const [authority, etcdPort, apiPort, serviceAccountKey] = await Promise.all([
    makeAuthority(folder),
    freePort(),
    freePort(),
    writeKey(folder, "service-accounts"),
  ]);
  const names = ["DNS:localhost", "DNS:kubernetes.default.svc", "IP:127.0.0.1", "IP:10.96.0.1"];
  const [serving, client] = await Promise.all([
    authority.issue("kube-apiserver", { commonName: "kube-apiserver", names }),
    authority.issue("admin", { commonName: "admin", organization: "system:masters" }),
  ]);
  const admin = await readClientConfig(`https://127.0.0.1:${apiPort}`, authority, client);
  const kubeconfig = join(folder, "kubeconfig");
  await writeKubeconfig(kubeconfig, admin);
  const paths = { folder, kubeconfig, serviceAccountKey };
  return { layout: { ...paths, authority, etcdPort, apiPort, serving }, admin };
}

class ApiServer {
  private readonly processes: GuardedProcesses;
  private readonly program: string;
  private readonly layout: Layout;
  private readonly admin: ClientConfig;
  private process: GuardedProcess | undefined;

  constructor(processes: GuardedProcesses, program: string, layout: Layout, admin: ClientConfig) {
    this.processes = processes;
    this.program = program;
    this.layout = layout;
    this.admin = admin;
  }

  async start(etcd: GuardedProcess): Promise<void> {
    if (this.process !== undefined) throw new Error("The API server runs already");
    this.process = this.processes.start(
      "kube-apiserver",
      this.program,
      apiServerFlags(this.layout),
    );
    const giveUpAt = Date.now() + startLimitMs;
    while (!(await isServing(this.admin))) {
      await etcd.assertRunning();
      await this.process.assertRunning();
      if (Date.now() > giveUpAt) {
        const words = await this.process.lastWords();
        throw new Error(`The API server was not ready after ${startLimitMs} ms:\n${words}`);
      }
      await sleep(50);
    }
  }

  async stop(): Promise<void> {
    await this.process?.kill();
    this.process = undefined;
  }
}

// It says that it is ready up to half a second before the namespace "default" is there.
async function isServing(admin: ClientConfig): Promise<boolean> {
  for (const path of ["/readyz", "/api/v1/namespaces/default"]) {
    const reply = await callApi(admin, { method: "GET", path }).catch(() => undefined);
    if (reply?.status !== 200) return false;
  }
  return true;
}

async function createNamespace(admin: ClientConfig): Promise<string> {
  const name = `test-${randomBytes(4).toString("hex")}`;
  const { status, body } = await callApi(admin, {
    method: "POST",
    path: "/api/v1/namespaces",
    body: JSON.stringify({ metadata: { name } }),
  });
  if (status !== 201) throw new Error(`No namespace was made (${status}): ${body}`);
  return name;
}
