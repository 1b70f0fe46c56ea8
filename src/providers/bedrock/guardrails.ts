import type { GuardrailEntry } from "../../table/index.ts";
import { Transports } from "../choose-transport.ts";
import type { Callee, ReachBackend } from "../contract.ts";
import { readLocated } from "../located.ts";
import { ProviderError, type ProviderErrorCode } from "../provider-error.ts";
import { guardrailPieces } from "./guardrail-pieces.ts";
import { readVerdict, type GuardrailVerdict } from "./guardrail-verdict.ts";
import { leanTransport } from "./lean-transport.ts";
import type { BedrockTransport } from "./transport.ts";

export type { GuardrailVerdict } from "./guardrail-verdict.ts";

export interface GuardrailCall {
  guardrail: GuardrailEntry;
  /** Whether a user or a model wrote the text. */
  source: "INPUT" | "OUTPUT";
  text: string;
  /** Ends the asking; the waits of one call are bounded in any case. */
  signal: AbortSignal;
}

/** Bedrock's guardrails, asked by ApplyGuardrail without a call of a model. */
export interface Guardrails {
  /**
   * A long text goes in pieces of 25,000 characters, one after the other, until one is blocked.
   *
   * @throws ProviderError, or the signal's reason once it is aborted
   */
  apply(call: GuardrailCall): Promise<GuardrailVerdict>;
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
      return applyAll(await transports.of(callee), callee, call);
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

async function applyAll(
  transport: BedrockTransport,
  callee: Callee,
  call: GuardrailCall,
): Promise<GuardrailVerdict> {
  const rules = new Set<string>();
  let text = "";
  let units = 0;
  for (const piece of guardrailPieces(call.text)) {
    const verdict = await applyPiece(transport, callee, { ...call, text: piece });
    for (const rule of verdict.rules) rules.add(rule);
    units += verdict.units;
    if (verdict.blocked) return { ...verdict, rules: [...rules], units };
    text += verdict.text;
  }
  return { rules: [...rules], blocked: false, text, units };
}

async function applyPiece(
  transport: BedrockTransport,
  callee: Callee,
  call: GuardrailCall,
): Promise<GuardrailVerdict> {
  const { text } = call;
  // Bedrock takes no text that says nothing, and there is nothing to judge.
  if (text.trim() === "") return { rules: [], blocked: false, text, units: 0 };
  try {
    return await applyOnce(transport, callee, call);
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    if (!error.retryable) throw inOwnWords(error);
  }
  // It changes nothing at the other end, so that it may well be asked again.
  return applyOnce(transport, callee, call).catch((error: unknown) => {
    throw error instanceof ProviderError ? inOwnWords(error) : error;
  });
}

async function applyOnce(
  transport: BedrockTransport,
  backend: Callee,
  { guardrail, source, text, signal }: GuardrailCall,
): Promise<GuardrailVerdict> {
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
