/** What the operator's configuration lets the resources of one class do. */
export interface ClassSettings {
  /** Hosts that backends may name as their endpoint, and issuers of tokens for their keys: exact, `*.suffix` for the names below one, or `*` for any. */
  endpointHosts: readonly string[];
  /** For development: backends may name endpoints on the router's own machine, and plain http. */
  allowLoopbackEndpoints: boolean;
  /** Roles that backends may assume: exact ARNs, or ones ending in `*` for all that begin so. */
  roleArns: readonly string[];
  /** How long a router that is to stop lets requests under way go on; absent: as long as it takes. */
  drainSeconds?: number;
  /** How many routers a group may have at a time; absent: one. */
  replicas?: { max: number };
  /** Whether its routers count tenants' limits together; absent: each in its own memory. */
  limits?: { store: "Memory" | "Redis" };
  /**
   * Who issues the cluster's ServiceAccount tokens, and where its keys are (absent: found through its OpenID
   * configuration). Absent: the API server tells routers. `Unknown`: there is no cluster to ask.
   */
  serviceAccounts?: { issuer: string; jwksUri?: string | undefined } | "Unknown" | undefined;
}

export function hostAllowed(host: string, patterns: readonly string[]): boolean {
  const name = host.toLowerCase();
  return patterns.some((pattern) => {
    const wanted = pattern.toLowerCase();
    if (wanted === "*") return true;
    return wanted.startsWith("*.") ? name.endsWith(wanted.slice(1)) : name === wanted;
  });
}

export function roleAllowed(roleArn: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) =>
    pattern.endsWith("*") ? roleArn.startsWith(pattern.slice(0, -1)) : roleArn === pattern,
  );
}
