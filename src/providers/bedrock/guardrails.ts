import type { GuardrailEntry } from "../../table/index.ts";
import { Transports } from "../choose-transport.ts";
import type { Callee, ReachBackend } from "../contract.ts";
import { inParallel } from "../in-parallel.ts";
import { readLocated } from "../located.ts";
import { ProviderError, type ProviderErrorCode } from "../provider-error.ts";
import { guardrailPieces } from "./guardrail-pieces.ts";
import { readVerdict, type GuardrailVerdict } from "./guardrail-verdict.ts";
import { leanTransport } from "./lean-transport.ts";
import type { BedrockTransport } from "./transport.ts";

export type { GuardrailVerdict } from "./guardrail-verdict.ts";

export interface GuardrailCall {
  guardrail: GuardrailEntry;
  /** Whether a user or a model wrote the texts. */
  source: "INPUT" | "OUTPUT";
  texts: readonly string[];
  /** Ends the asking; the waits of one call are bounded in any case. */
  signal: AbortSignal;
}

/** Bedrock's guardrails, asked by ApplyGuardrail without a call of a model. */
export interface Guardrails {
  /**
   * A verdict on each text, in their order. Each is asked about by itself, four at a time; a long one goes
   * in pieces of 25,000 characters, one after the other, until one is blocked.
   *
   * @throws ProviderError, or the signal's reason once it is aborted
   */
  apply(call: GuardrailCall): Promise<GuardrailVerdict[]>;
  /** Frees sockets; calls under way fail. */
  close(): Promise<void>;
}

export function makeGuardrails({ reach }: { reach: ReachBackend }): Guardrails {
  const transports = new Transports<BedrockTransport>({
    Lean: () => leanTransport(reach),
    Sdk: async () => (await import("./sdk-transport.ts")).sdkTransport(reach),
  });
  const callees = new WeakMap<GuardrailEntry, Callee>();
  const calleeOf = (guardrail: GuardrailEntry): Callee => {
    // One object for one entry: clients are remembered by it.
    const callee = callees.get(guardrail) ?? calleeFrom(guardrail);
    callees.set(guardrail, callee);
    return callee;
  };
  return {
    apply: async (call) => {
      const callee = calleeOf(call.guardrail);
      const transport = await transports.of(callee);
      const { texts, signal } = call;
      return inParallel(texts, { most: mostAtOnce, signal }, async (text, within) =>
        applyToText({ ...call, transport, callee, text, signal: within }),
      );
    },
    close: async () => transports.close(),
  };
}

// A guardrail that works answers within a second; whoever asks has a shorter patience than this.
const timeouts = { connectMs: 2_000, totalMs: 15_000 };

function calleeFrom({ id, region, endpoint, transport, credentials }: GuardrailEntry): Callee {
  const target = {
    type: "Bedrock",
    region,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(transport === undefined ? {} : { transport }),
  } as const;
  return { name: id, target, credentials, timeouts };
}

/** So many calls for one request are under way at once: quotas count what a second brings. */
const mostAtOnce = 4;

interface TextCall extends Omit<GuardrailCall, "texts"> {
  transport: BedrockTransport;
  callee: Callee;
  text: string;
}

async function applyToText(call: TextCall): Promise<GuardrailVerdict> {
  const found: GuardrailVerdict["found"][number][] = [];
  let units = 0;
  let from = 0;
  for (const text of guardrailPieces(call.text)) {
    const verdict = await applyToPiece({ ...call, text });
    units += verdict.units;
    for (const { rule, start, end } of verdict.found)
      found.push({ rule, start: start + from, end: end + from });
    if (verdict.blocked) return { found, blocked: true, units };
    from += text.length;
  }
  return { found, blocked: false, units };
}

async function applyToPiece(call: TextCall): Promise<GuardrailVerdict> {
  // Bedrock takes no text that says nothing, and there is nothing to judge.
  if (call.text.trim() === "") return { found: [], blocked: false, units: 0 };
  try {
    return await applyOnce(call);
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    if (!error.retryable) throw inOwnWords(error);
  }
  // It changes nothing at the other end, so that it may well be asked again.
  return applyOnce(call).catch((error: unknown) => {
    throw error instanceof ProviderError ? inOwnWords(error) : error;
  });
}

async function applyOnce({
  transport,
  callee: backend,
  guardrail,
  source,
  text,
  signal,
}: TextCall): Promise<GuardrailVerdict> {
  const apply = {
    guardrailIdentifier: guardrail.id,
    guardrailVersion: guardrail.version,
    source,
    content: [{ text: { text } }],
  };
  const { response, requestId } = await transport.applyGuardrail({ backend, signal, apply });
  return readLocated(requestId, () => readVerdict(response, text));
}

const ownWords: Partial<Record<ProviderErrorCode, string>> = {
  throttled: "Bedrock is throttling the guardrail's calls",
  quota_exceeded: "A quota of the guardrail's account is used up",
  model_not_found: "Bedrock does not know the guardrail or its version",
  access_denied: "Bedrock refused the router's credentials for the guardrail",
  timeout: "The guardrail did not answer in time",
  connection_failed: "The connection to the guardrail failed",
  malformed_reply: "The guardrail gave an answer that cannot be read",
  internal: "The guardrail failed",
  unavailable: "The guardrail is unavailable",
};

/** The codes are those of models; the words are for whoever looks after the guardrail. */
function inOwnWords({ code, message, details }: ProviderError): ProviderError {
  return new ProviderError(code, ownWords[code] ?? message, details);
}
