import { UsageError } from "./usage-error.ts";

/**
 * A port that cannot be had, as a sentence; anything else is thrown on.
 *
 * @param flags those that choose the port
 */
export function listenProblem(error: unknown, flags = "--port or --admin-port"): never {
  const { code, port, address } = (error ?? {}) as {
    code?: string;
    port?: number;
    address?: string;
  };
  if (code === "EADDRINUSE") {
    throw new UsageError(`Port ${port} of ${address} is taken: choose another with ${flags}`);
  }
  if (code === "EACCES") {
    throw new UsageError(
      `Port ${port} needs rights that this process lacks: choose one above 1023 with ${flags}`,
    );
  }
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND") {
    throw new UsageError(
      `${address ?? "The host"} is no address of this machine: correct --host or --admin-host`,
    );
  }
  throw error;
}
