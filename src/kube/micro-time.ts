/** Kubernetes' MicroTime: six digits of a second, which Leases and Events insist on. */
export function microTime(ms: number): string {
  return new Date(ms).toISOString().replace("Z", "000Z");
}
