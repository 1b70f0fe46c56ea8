import { fromHttp } from "@aws-sdk/credential-providers";
import type { Reach } from "../../../src/providers/index.ts";
import type { Fault } from "../../../src/simulators/index.ts";
import { answered, breaks, fails, type Outcome } from "./outcome.ts";
import * as scripts from "./scripts.ts";
import type { Script } from "./upstream.ts";
import type { ProviderType } from "./wire.ts";

/** Where the ill upstreams of a run are. */
export interface Places {
  /** Speaks TLS with a certificate that nobody trusts. */
  untrusted: string;
  /** Nobody listens there. */
  nobody: string;
  /** Takes requests and does not answer. */
  silent: string;
  /** Takes connections, and says nothing, whatever it hears. */
  mute: string;
}

/** How the upstream of the candidate misbehaves. */
export type Misbehaviour =
  | { type: "simulated"; fault: Omit<Fault, "model"> }
  | { type: "scripted"; script: Script }
  | { type: "misplaced"; endpoint: (places: Places) => string }
  | { type: "unauthorised"; credentials: (places: Places) => Reach["credentials"] };

/** One fault, and what a call that meets it comes to; where an outcome is missing the fault has no such form. */
export interface Row {
  fault: string;
  upstream: Misbehaviour;
  whole?: Outcome;
  stream?: Outcome;
  /** What comes to something else on SageMaker's wire. */
  sageMaker?: Pick<Row, "whole" | "stream">;
  /** On this provider's wire alone. */
  only?: ProviderType;
}

/** Longer than anybody waits: whoever waits for a fault to pass fails the test by its own limit. */
const forever = 600_000;

const simulated = (kind: Fault["kind"], more: Partial<Fault> = {}): Misbehaviour => ({
  type: "simulated",
  fault: { kind, ...more },
});
const scripted = (script: Script): Misbehaviour => ({ type: "scripted", script });
const misplaced = (endpoint: (places: Places) => string): Misbehaviour => ({
  type: "misplaced",
  endpoint,
});
const both = (outcome: Outcome) => ({ whole: outcome, stream: outcome });

/** Frames that a simulator sends before a fault in mid-stream: content has gone to the client by then. */
const afterFrames = 8;

const connecting: Row[] = [
  {
    fault: "a refused connection",
    upstream: misplaced(({ nobody }) => nobody),
    ...both(fails("connection_failed")),
  },
  {
    fault: "a name that is not resolved",
    // Too long for a label: no resolver has to be asked, and none can be slow.
    upstream: misplaced(() => `http://${"x".repeat(64)}.invalid`),
    ...both(fails("connection_failed")),
  },
  {
    fault: "a certificate that nobody trusts",
    upstream: misplaced(({ untrusted }) => untrusted),
    ...both(fails("connection_failed")),
  },
  {
    fault: "TLS spoken to who does not know it",
    upstream: misplaced(({ silent }) => silent.replace("http:", "https:")),
    ...both(fails("connection_failed")),
  },
  {
    fault: "a TLS handshake without an answer",
    upstream: misplaced(({ mute }) => mute),
    whole: fails("timeout", { bound: "connect" }),
    stream: fails("slow_first_token", { bound: "firstToken" }),
  },
  {
    fault: "a reset before the headers",
    upstream: simulated("reset"),
    ...both(fails("connection_failed")),
  },
  {
    fault: "a reset after the headers",
    upstream: scripted(scripts.resetAfterHead),
    whole: fails("connection_failed"),
    stream: fails("stream_broken"),
  },
];

const refusals: Row[] = [
  {
    fault: "429 without Retry-After",
    upstream: simulated("throttling"),
    ...both(fails("throttled")),
  },
  {
    fault: "429 with Retry-After",
    upstream: simulated("throttling", { retryAfterSeconds: 7 }),
    ...both(fails("throttled", { retryAfter: "7" })),
  },
  { fault: "408", upstream: simulated("model-timeout"), ...both(fails("timeout")) },
  { fault: "424", upstream: simulated("model-error"), ...both(fails("model_error")) },
  { fault: "500", upstream: simulated("internal-error"), ...both(fails("internal")) },
  { fault: "503", upstream: simulated("service-unavailable"), ...both(fails("unavailable")) },
  {
    fault: "503 with Retry-After",
    upstream: simulated("service-unavailable", { retryAfterSeconds: 1 }),
    ...both(fails("unavailable", { retryAfter: "1" })),
  },
];

const emptyHands: Row[] = [
  {
    fault: "200 with an empty body",
    upstream: simulated("empty"),
    whole: fails("empty_reply"),
    stream: fails("stream_broken"),
  },
  {
    fault: "200 with malformed JSON",
    upstream: scripted(scripts.malformedJson),
    whole: fails("malformed_reply"),
    stream: fails("stream_broken"),
    // The frame around a container's words is sound.
    sageMaker: { stream: fails("malformed_reply") },
  },
  {
    fault: "malformed JSON in mid-stream",
    upstream: scripted(scripts.malformedJsonInside),
    stream: breaks("stream_broken"),
  },
  {
    fault: "200 with an HTML page",
    upstream: scripted(scripts.htmlPage),
    whole: fails("malformed_reply"),
    stream: fails("stream_broken"),
  },
  {
    fault: "200 with JSON that is no answer",
    upstream: scripted(scripts.otherJson),
    whole: fails("empty_reply"),
    stream: fails("stream_broken"),
    sageMaker: { whole: fails("malformed_reply") },
  },
  {
    fault: "a huge answer",
    upstream: scripted(scripts.hugeAnswer),
    whole: fails("malformed_reply"),
    stream: fails("stream_broken"),
  },
  {
    fault: "a huge frame in mid-stream",
    upstream: scripted(scripts.hugeFrameInside),
    stream: breaks("stream_broken"),
  },
];

const waiting: Row[] = [
  {
    fault: "a slow first token",
    upstream: simulated("slow-first-token", { delayMs: forever }),
    whole: fails("timeout", { bound: "total" }),
    stream: fails("slow_first_token", { bound: "firstToken" }),
  },
  {
    fault: "a head without a body",
    upstream: scripted(scripts.headAlone),
    whole: fails("timeout", { bound: "total" }),
    stream: fails("slow_first_token", { bound: "firstToken" }),
  },
  {
    fault: "a stall in the middle",
    upstream: scripted(scripts.stallInside),
    whole: fails("timeout", { bound: "total" }),
    stream: breaks("stream_broken", "idle"),
  },
  {
    fault: "a head that trickles",
    upstream: scripted(scripts.tricklingHead),
    whole: fails("timeout", { bound: "total" }),
    stream: fails("slow_first_token", { bound: "firstToken" }),
  },
  {
    fault: "an answer that trickles",
    upstream: simulated("trickle", { afterFrames: 0, delayMs: 10 }),
    whole: fails("timeout", { bound: "total" }),
    stream: fails("slow_first_token", { bound: "firstToken" }),
  },
  {
    fault: "a stream that begins to trickle",
    upstream: simulated("trickle", { afterFrames, delayMs: 10 }),
    stream: breaks("stream_broken", "idle"),
  },
  {
    fault: "a stream without an end",
    upstream: scripted(scripts.endlessFrames),
    stream: breaks("timeout", "total"),
  },
];

const streams: Row[] = [
  {
    fault: "a cut before the first content",
    upstream: simulated("cut", { afterFrames: 0 }),
    stream: fails("stream_broken"),
  },
  {
    fault: "a cut in the middle",
    upstream: simulated("cut", { afterFrames }),
    whole: fails("connection_failed"),
    stream: breaks("stream_broken"),
  },
  {
    fault: "a reset in the middle",
    upstream: scripted(scripts.resetInside),
    whole: fails("connection_failed"),
    stream: breaks("stream_broken"),
  },
  {
    fault: "a bad checksum first",
    upstream: simulated("bad-crc", { afterFrames: 0 }),
    stream: fails("stream_broken"),
  },
  {
    fault: "a bad checksum in the middle",
    upstream: simulated("bad-crc", { afterFrames }),
    stream: breaks("stream_broken"),
  },
  {
    fault: "an unknown event",
    upstream: simulated("unknown-event", { afterFrames }),
    stream: answered,
  },
  {
    fault: "an unknown event first",
    upstream: simulated("unknown-event", { afterFrames: 0 }),
    stream: answered,
  },
  {
    fault: "an exception frame first",
    upstream: simulated("exception-frame"),
    stream: fails("stream_broken"),
  },
  {
    fault: "a throttling frame first",
    upstream: simulated("exception-frame", { exception: "throttlingException" }),
    stream: fails("throttled"),
    only: "Bedrock",
  },
  {
    fault: "an exception frame in the middle",
    upstream: simulated("exception-frame", { afterFrames }),
    stream: breaks("stream_broken"),
  },
  {
    fault: "an error frame first",
    upstream: simulated("error-frame"),
    stream: fails("internal"),
  },
  {
    fault: "an error frame in the middle",
    upstream: simulated("error-frame", { afterFrames }),
    stream: breaks("stream_broken"),
  },
  {
    fault: "a clean end before the first content",
    upstream: simulated("clean-end", { afterFrames: 0 }),
    stream: fails("stream_broken"),
  },
  {
    fault: "a clean end without the terminal frame",
    upstream: simulated("clean-end", { afterFrames }),
    stream: breaks("stream_broken"),
  },
];

const credentials: Row[] = [
  {
    fault: "expired credentials",
    upstream: simulated("expired-token"),
    ...both(fails("access_denied")),
  },
  {
    fault: "expired credentials that can be renewed",
    upstream: simulated("expired-token", { count: 1 }),
    ...both(answered),
  },
  {
    fault: "a credentials endpoint that is down",
    upstream: { type: "unauthorised", credentials: ({ nobody }) => podIdentity(nobody) },
    ...both(fails("access_denied")),
  },
  {
    fault: "a credentials endpoint that is silent",
    upstream: { type: "unauthorised", credentials: ({ silent }) => podIdentity(silent) },
    whole: fails("timeout", { bound: "total" }),
    stream: fails("slow_first_token", { bound: "firstToken" }),
  },
];

/** As the chain of a pod asks its node's agent. */
function podIdentity(url: string): Reach["credentials"] {
  return fromHttp({
    awsContainerCredentialsFullUri: `${url}/v1/credentials`,
    awsContainerAuthorizationToken: "a-service-account",
  });
}

export const rows: readonly Row[] = [
  ...connecting,
  ...refusals,
  ...emptyHands,
  ...waiting,
  ...streams,
  ...credentials,
];
