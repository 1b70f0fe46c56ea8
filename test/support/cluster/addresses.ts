/** What is where in the cluster's own network namespace: nothing else lives there. */
export const nodeName = "node";
export const bridgeOfNode = "node0";
export const nodeAddress = "10.90.0.2";
export const serviceRange = "10.96.0.0/16";
export const firstServiceAddress = "10.96.0.1";
export const dnsServiceAddress = "10.96.0.10";
export const podRange = "10.244.0.0/20";
export const etcdUrl = "http://127.0.0.1:2379";
export const apiPort = 6443;
export const apiUrl = `https://${nodeAddress}:${apiPort}`;
