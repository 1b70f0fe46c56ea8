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
  /** Whether its routes are watched for drift; absent: whoever runs the router knows. */
  drift?: { enabled: boolean };
  prometheus?: { url?: string | undefined };
  clickhouse?: { url?: string | undefined };
  records?: { s3?: object | undefined };
  /**
   * Who issues the cluster's ServiceAccount tokens, and where its keys are (absent: found through its OpenID
   * configuration). Absent: the API server tells routers. `Unknown`: there is no cluster to ask.
   */
  serviceAccounts?: { issuer: string; jwksUri?: string | undefined } | "Unknown" | undefined;
}

/** Why no job can watch routes of the class; undefined where one can. */
export function unwatchedBecause({
  drift,
  prometheus,
  clickhouse,
  records,
}: ClassSettings): string | undefined {
  if (drift === undefined) return undefined;
  if (!drift.enabled) return "its router class has drift.enabled set to false";
  if ([prometheus?.url, clickhouse?.url, records?.s3].some((each) => each !== undefined))
    return undefined;
  return "its router class names none of prometheus.url, clickhouse.url and records.s3 to look at";
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
