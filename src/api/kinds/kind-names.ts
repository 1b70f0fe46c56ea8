export const group = "switchyard.dev";
export const version = "v1alpha1";
export const apiVersion = `${group}/${version}` as const;

export const kindNames = ["ModelBackend", "ModelRoute", "TenantPolicy"] as const;

export type Kind = (typeof kindNames)[number];

export const isKind = (text: unknown): text is Kind => kindNames.some((name) => name === text);
