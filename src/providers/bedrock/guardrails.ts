import type { GuardrailEntry } from "../../table/index.ts";
import { Transports } from "../choose-transport.ts";
import type { Callee, ReachBackend } from "../contract.ts";
import { inParallel } from "../in-parallel.ts";
import { readLocated } from "../located.ts";
import { ProviderError, type ProviderErrorCode } from "../provider-error.ts";
import { foundByMember, groupTexts, halvesOf, type Group } from "./guardrail-groups.ts";
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
   * A verdict on each text, in their order. Short ones go together; where that is blocked each goes by
   * itself, so that it is known which of them is. A long one goes in pieces of 25,000 characters, one after
   * the other, until one is blocked. Four calls are under way at once.
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
      return applyToTexts({ ...call, transport, callee });
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

interface Asking extends GuardrailCall {
  transport: BedrockTransport;
  callee: Callee;
}

interface TextCall extends Omit<Asking, "texts"> {
  text: string;
}

const nothing: GuardrailVerdict = { found: [], blocked: false, units: 0 };

async function applyToTexts({ texts, ...call }: Asking): Promise<GuardrailVerdict[]> {
  const verdicts = texts.map(() => nothing);
  const bounds = { most: mostAtOnce, signal: call.signal };
  await inParallel(groupTexts(texts), bounds, async (group, signal) => {
    const judged = await applyToGroup({ ...call, signal }, group);
    for (const [place, { index }] of group.members.entries())
      verdicts[index] = judged[place] ?? nothing;
  });
  return verdicts;
}

/** A verdict on each member; of a group that is blocked each half is asked about, down to those at fault. */
async function applyToGroup(
  call: Omit<TextCall, "text">,
  group: Group,
): Promise<GuardrailVerdict[]> {
  const verdict = await applyToText({ ...call, text: group.text });
  if (group.members.length === 1) return [verdict];
  const found = verdict.blocked ? undefined : foundByMember(group, verdict.found);
  if (found !== undefined) {
    return found.map((each, place) => ({
      found: each,
      blocked: false,
      units: place === 0 ? verdict.units : 0,
    }));
  }
  const bounds = { most: 2, signal: call.signal };
  const [first = nothing, ...others] = (
    await inParallel(halvesOf(group), bounds, async (half, signal) =>
      applyToGroup({ ...call, signal }, half),
    )
  ).flat();
  // What a call is billed stands on its first text.
  const judged = [{ ...first, units: first.units + verdict.units }, ...others];
  const isTold = !verdict.blocked || judged.some(({ blocked }) => blocked);
  return isTold
    ? judged
    : judged.map(({ units }, place) => ({ ...onWhole(verdict, group, place), units }));
}

/** What is blocked together and not apart is told of each text: it must not pass for having been parted. */
const onWhole = (
  { found }: GuardrailVerdict,
  { members }: Group,
  place: number,
): Omit<GuardrailVerdict, "units"> => {
  const { start = 0, end = 0 } = members[place] ?? {};
  return { found: found.map(({ rule }) => ({ rule, start: 0, end: end - start })), blocked: true };
};

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
  // Such as the white space between two pieces of a long text.
  if (call.text.trim() === "") return nothing;
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
