/** Where a router's container listens. */
export const routerPorts = { api: 8080, admin: 8081 } as const;

/** Where a group's Service takes requests: what clients expect of http and https. */
export const servicePort = (tls: boolean): number => (tls ? 443 : 80);
