// The operator: from resources in a cluster to tables that routers serve. Owns gathering, publishing,
// the objects that a group of routers consists of, statuses and Events, and the loop around them. What
// resources mean is compile's, what a table looks like is table's, and how the API server is spoken
// with is kube's; it must not know providers, the OpenAI wire or routers.
export { operatorConfig, type ClassConfig, type OperatorConfig } from "./operator-config.ts";
export { startOperator, type OperatorOptions, type RunningOperator } from "./operator.ts";
