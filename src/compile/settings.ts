/** What the operator's configuration lets the resources of one class do. */
export interface ClassSettings {
  /** Hosts that backends may name as their endpoint: exact, `*.suffix` for the names below one, or `*` for any. */
  endpointHosts: readonly string[];
  /** For development: backends may name endpoints on the router's own machine, and plain http. */
  allowLoopbackEndpoints: boolean;
  /** Roles that backends may assume: exact ARNs, or ones ending in `*` for all that begin so. */
  roleArns: readonly string[];
  /** How long a router that is to stop lets requests under way go on; absent: as long as it takes. */
  drainSeconds?: number;
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
