import { hostname } from "node:os";

/** A name that no other run of a router has, here or elsewhere. */
export const uniqueInstance = (): string =>
  `${hostname()}-${process.pid}-${Date.now().toString(36)}`;
