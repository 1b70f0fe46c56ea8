/**
 * The external id that a router gives when it assumes a role for a namespace's backends:
 * `switchyard/NAMESPACE`. It is derived and never declared, so that a role whose trust policy names
 * one namespace cannot be used from another: a namespace's author is not the cloud account's owner.
 */
export function externalIdOf(namespace: string): string {
  return `switchyard/${namespace}`;
}
