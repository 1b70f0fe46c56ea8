import { access, constants } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { cacheFolder, withLock } from "../cache-folder.ts";
import { runProgram } from "./run-program.ts";

/** Debian's packages that a node is made of, each with a program by which it is known to be there. */
const packages = {
  containerd: "containerd",
  runc: "runc",
  "containernetworking-plugins": "/usr/lib/cni/bridge",
  iptables: "iptables",
  conntrack: "conntrack",
  ipset: "ipset",
  ethtool: "ethtool",
  socat: "socat",
  iproute2: "ip",
  "util-linux": "unshare",
  openssl: "openssl",
  buildah: "buildah",
  debootstrap: "debootstrap",
} as const satisfies Record<string, string>;

const installLimitMs = 10 * 60_000;
const systemFolders = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

/** The search path with the folders of programs for administrators, which some shells leave out. */
export const systemPath = (): string =>
  [process.env["PATH"] ?? "", ...systemFolders].join(delimiter);

/**
 * Installs what is missing of a node.
 *
 * @throws Error for a person, where it is missing and cannot be installed
 */
export const ensurePackages = (say: (line: string) => void): Promise<void> =>
  ensureDebianPackages(packages, say);

/**
 * Installs what is missing, one process of the machine at a time, as Debian's own lock fails whoever comes
 * second. Services that a package brings are not started.
 *
 * @param programs names of packages, each with a program by which it is known to be there
 * @throws Error for a person, where it is missing and cannot be installed
 */
export async function ensureDebianPackages(
  programs: Readonly<Record<string, string>>,
  say: (line: string) => void,
): Promise<void> {
  if ((await missingOf(programs)).length === 0) return;
  await withLock(join(cacheFolder(process.env), "debian-packages"), installLimitMs, async () => {
    const missing = await missingOf(programs);
    if (missing.length > 0) await install(missing, say);
  });
}

async function missingOf(programs: Readonly<Record<string, string>>): Promise<string[]> {
  const missing: string[] = [];
  for (const [name, program] of Object.entries(programs)) {
    if (!(await isThere(program))) missing.push(name);
  }
  return missing;
}

async function install(missing: readonly string[], say: (line: string) => void): Promise<void> {
  const wanted = missing.join(" ");
  if (!(await isThere("apt-get"))) {
    throw new Error(`Tests need these, and there is no apt-get: ${wanted}`);
  }
  const call = {
    limitMs: installLimitMs,
    environment: {
      ...process.env,
      PATH: systemPath(),
      DEBIAN_FRONTEND: "noninteractive",
      // As Debian's scripts understand it: this is no moment to start services.
      RUNLEVEL: "1",
    },
  };
  say(`Installing ${wanted}, once …`);
  await runProgram("apt-get", ["update", "-q"], call);
  await runProgram("apt-get", ["install", "-qy", "--no-install-recommends", ...missing], call);
  say(`Installed ${wanted}`);
}

async function isThere(program: string): Promise<boolean> {
  const paths = program.startsWith("/")
    ? [program]
    : systemPath()
        .split(delimiter)
        .map((folder) => join(folder, program));
  for (const path of paths) {
    const found = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return true;
  }
  return false;
}
