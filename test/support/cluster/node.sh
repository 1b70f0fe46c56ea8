#!/bin/bash
# The node: containerd and the kubelet, as children of the first process of a process namespace and
# in a mount namespace of its own. When this ends, so does every pod, and every mount is gone.
# Parameters: its folder, containerd's configuration, the kubelet and the kubelet's parameters.
set -eu
folder=$1 runtime_config=$2 kubelet=$3
shift 3

# What lies here is the machine's: the node gets its own.
mkdir -p /var/lib/cni
for hidden in /run /var/log /var/lib/cni; do mount -t tmpfs tmpfs "$hidden"; done
mkdir -p /run/lock

# The kubelet sets these for the whole machine, unless it finds them as it wants them.
for setting in vm/overcommit_memory=1 vm/panic_on_oom=0 kernel/panic=10 kernel/panic_on_oops=1 \
  kernel/keys/root_maxkeys=1000000 kernel/keys/root_maxbytes=25000000; do
  shown="$folder/setting-$(basename "${setting%=*}")"
  echo "${setting#*=}" >"$shown"
  mount --bind "$shown" "/proc/sys/${setting%=*}"
done

containerd --config "$runtime_config" >"$folder/containerd.log" 2>&1 &
containerd=$!
for _ in $(seq 300); do
  ctr --address "$folder/containerd.sock" version >/dev/null 2>&1 && break
  kill -0 "$containerd" 2>/dev/null || break
  sleep 0.1
done
"$kubelet" "$@" >"$folder/kubelet.log" 2>&1 &
wait -n -p ended || true
[ "$ended" = "$containerd" ] && name=containerd || name=kubelet
echo "The $name has ended:"
tail -n 12 "$folder/$name.log"
