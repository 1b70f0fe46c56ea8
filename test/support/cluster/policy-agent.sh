#!/bin/bash
# The agent that enforces NetworkPolicies, with the credentials of a pod where a pod has them: it looks
# nowhere else. What lies in /run is the machine's, so it gets one of its own.
# Parameters: a folder with token and ca.crt, the agent and its parameters.
set -eu
credentials=$1 agent=$2
shift 2
mount -t tmpfs tmpfs /run
mkdir -p /run/secrets/kubernetes.io/serviceaccount
cp "$credentials/token" "$credentials/ca.crt" /run/secrets/kubernetes.io/serviceaccount/
exec "$agent" "$@"
