import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { podRange } from "./addresses.ts";

export const pauseImage = "switchyard.test/pause:1";

/** Where containerd listens. */
export const runtimeSocket = (folder: string): string => join(folder, "containerd.sock");

/** Writes containerd's configuration and that of the pods' network; gives containerd's file. */
export async function configureRuntime(folder: string): Promise<string> {
  const networks = join(folder, "cni");
  await mkdir(networks);
  await writeFile(join(networks, "10-bridge.conflist"), JSON.stringify(podNetwork(folder)));
  const file = join(folder, "containerd.toml");
  await writeFile(file, containerdConfig(folder, networks));
  return file;
}

// Without restrict_oom_score_adj each sandbox dies where this process may not lower that score:
// "can't get final child's PID".
const containerdConfig = (folder: string, networks: string): string => `version = 2
root = "${join(folder, "containerd/root")}"
state = "${join(folder, "containerd/state")}"
disabled_plugins = [
  "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs",
]
[grpc]
  address = "${runtimeSocket(folder)}"
[plugins."io.containerd.internal.v1.opt"]
  path = "${join(folder, "containerd/opt")}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${pauseImage}"
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "${networks}"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      SystemdCgroup = false
`;

const podNetwork = (folder: string) => ({
  cniVersion: "0.4.0",
  name: "pods",
  plugins: [
    {
      type: "bridge",
      bridge: "pods0",
      isGateway: true,
      ipMasq: true,
      hairpinMode: true,
      ipam: {
        type: "host-local",
        dataDir: join(folder, "cni-addresses"),
        ranges: [[{ subnet: podRange }]],
        routes: [{ dst: "0.0.0.0/0" }],
      },
    },
    { type: "portmap", capabilities: { portMappings: true } },
  ],
});
