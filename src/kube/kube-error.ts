import { CodedError } from "../lib/index.ts";

/** Kubernetes' own words for why a call failed, and ours for calls that got no answer. */
export type KubeErrorCode =
  | "AlreadyExists"
  | "BadRequest"
  | "Conflict"
  | "Expired"
  | "Forbidden"
  | "Invalid"
  | "NotFound"
  | "TooManyRequests"
  | "Unauthorized"
  | "Unavailable"
  | "Unreachable"
  | "Malformed";

interface Details {
  /** 0 where no answer came. */
  status: number;
  retryAfterMs?: number | undefined;
  /** Fields and managers that a Conflict or an Invalid names. */
  causes?: readonly { reason?: string; field?: string; message?: string }[];
  cause?: unknown;
}

/** A call to the API server that failed. */
export class KubeError extends CodedError<KubeErrorCode> {
  readonly status: number;
  readonly retryAfterMs: number | undefined;
  readonly causes: NonNullable<Details["causes"]>;

  constructor(code: KubeErrorCode, message: string, details: Details) {
    super(code, message, { cause: details.cause });
    this.name = "KubeError";
    this.status = details.status;
    this.retryAfterMs = details.retryAfterMs;
    this.causes = details.causes ?? [];
  }

  /** Whether the same call can only fail again: somebody has to change something first. */
  get permanent(): boolean {
    return permanentCodes.has(this.code);
  }
}

const permanentCodes: ReadonlySet<KubeErrorCode> = new Set([
  "BadRequest",
  "Invalid",
  "Forbidden",
  "Malformed",
]);

const codesByStatus: Readonly<Record<number, KubeErrorCode>> = {
  400: "BadRequest",
  401: "Unauthorized",
  403: "Forbidden",
  404: "NotFound",
  409: "Conflict",
  410: "Expired",
  422: "Invalid",
  429: "TooManyRequests",
};

/** What a `Status` object says; anything that is none is quoted in part. */
export function kubeErrorOf(status: number, body: string, retryAfter?: string | null): KubeError {
  const { message = body.slice(0, 200) || `HTTP ${status}`, reason, details } = readStatus(body);
  const seconds = details?.retryAfterSeconds ?? Number(retryAfter ?? Number.NaN);
  return new KubeError(codeOf(status, reason, message), message, {
    status,
    causes: details?.causes ?? [],
    retryAfterMs: Number.isFinite(seconds) ? seconds * 1_000 : undefined,
  });
}

interface Status {
  message?: string;
  reason?: string;
  details?: {
    retryAfterSeconds?: number;
    causes?: { reason?: string; field?: string; message?: string }[];
  };
}

function readStatus(body: string): Status {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null ? (value as Status) : {};
  } catch {
    return {};
  }
}

function codeOf(status: number, reason: string | undefined, message: string): KubeErrorCode {
  if (reason === "AlreadyExists") return "AlreadyExists";
  // The API server answers an object that its schema does not know with 500 and no reason.
  if (status === 500 && message.includes("failed to create typed patch object")) return "Invalid";
  return codesByStatus[status] ?? "Unavailable";
}
