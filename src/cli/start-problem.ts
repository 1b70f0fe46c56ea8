import { CertificateError } from "../router/index.ts";
import { listenProblem } from "./listen-problem.ts";
import { UsageError } from "./usage-error.ts";

/** Why a router could not start, as a sentence where a person can mend it; anything else is thrown on. */
export function startProblem(error: unknown): never {
  if (error instanceof CertificateError) {
    throw new UsageError(`${error.message}; correct SWITCHYARD_TLS_DIR or what lies there`);
  }
  return listenProblem(error);
}
