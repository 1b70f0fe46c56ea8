import { z } from "zod";
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
  causes?: readonly {
    reason?: string | undefined;
    field?: string | undefined;
    message?: string | undefined;
  }[];
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

const permanentCodes: ReadonlySet<KubeErrorCode> = new Set(["BadRequest", "Invalid", "Forbidden"]);

const codesByStatus: Readonly<Record<number, KubeErrorCode>> = {
  400: "BadRequest",
  401: "Unauthorized",
  403: "Forbidden",
  404: "NotFound",
  405: "BadRequest",
  409: "Conflict",
  410: "Expired",
  413: "BadRequest",
  415: "BadRequest",
  422: "Invalid",
  429: "TooManyRequests",
};

/** What a `Status` object says; anything that is none is quoted in part. */
export function kubeErrorOf(status: number, body: string, retryAfter?: string | null): KubeError {
  const { message, reason, details } = readStatus(body);
  const words = message ?? (body.slice(0, 200) || `HTTP ${status}`);
  const causes = details?.causes ?? [];
  const code = isAnotherObject(causes) ? "Conflict" : codeOf(status, reason, words);
  return new KubeError(code, words, {
    status,
    causes,
    retryAfterMs: milliseconds(details?.retryAfterSeconds ?? retryAfter),
  });
}

const word = z.string().optional().catch(undefined);

/** Whoever answers may be a proxy: nothing is taken for granted. */
const statusSchema = z.object({
  message: word,
  reason: word,
  details: z
    .object({
      retryAfterSeconds: z.number().optional().catch(undefined),
      causes: z
        .array(z.object({ reason: word, field: word, message: word }))
        .optional()
        .catch(undefined),
    })
    .optional()
    .catch(undefined),
});

function readStatus(body: string): Partial<z.infer<typeof statusSchema>> {
  try {
    return statusSchema.safeParse(JSON.parse(body)).data ?? {};
  } catch {
    return {};
  }
}

/** The header's other form, a date, is none that the API server sends. */
function milliseconds(seconds: number | string | null | undefined): number | undefined {
  const value = Number.parseFloat(String(seconds));
  return value >= 0 && value < Number.POSITIVE_INFINITY ? value * 1_000 : undefined;
}

/** An apply that names a uid, where by now another object bears the name: 422, yet nobody wrote it wrong. */
function isAnotherObject(causes: NonNullable<Details["causes"]>): boolean {
  return causes.some(({ field }) => field === "metadata.uid");
}

function codeOf(status: number, reason: string | undefined, message: string): KubeErrorCode {
  if (reason === "AlreadyExists") return "AlreadyExists";
  // The API server answers an object that its schema does not know with 500 and no reason.
  if (status === 500 && message.includes("failed to create typed patch object")) return "Invalid";
  return codesByStatus[status] ?? "Unavailable";
}
