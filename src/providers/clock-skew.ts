import { readAwsFault } from "./aws-fault.ts";

/** How far apart the clocks may be: AWS refuses what was signed more than five minutes before or after. */
const mostSkewMs = 300_000;

/** Under these names AWS refuses a signature, for its time or for other reasons. */
const signatureFaults =
  /^(?:invalidsignature|signaturedoesnotmatch|requesttimetooskewed|requestexpired|requestinthefuture)/i;

/**
 * Takes AWS's clock from a refusal's date, and marks the refusal where the call had been signed by one that
 * was too far from it.
 *
 * @param assumedMs what was added to our clock to sign the call
 * @returns what to add from now on; undefined where `assumedMs` was near enough, or no date was told
 */
export function skewToldBy(error: unknown, assumedMs: number): number | undefined {
  const { $response, $metadata } = error as Refusal;
  const told = Date.parse($response?.headers?.["date"] ?? "");
  const skewMs = told - Date.now();
  if (!(Math.abs(skewMs - assumedMs) >= mostSkewMs)) return undefined;
  // The SDK's own mark, which it sets on whole answers alone.
  if ($metadata !== undefined) $metadata.clockSkewCorrected = true;
  return skewMs;
}

/** Whether the same call, signed once more, may be accepted: our clock was wrong, and has been corrected. */
export function refusesClock(error: unknown): boolean {
  const isCorrected = (error as Refusal | undefined)?.$metadata?.clockSkewCorrected === true;
  return isCorrected && signatureFaults.test(readAwsFault(error).name);
}

/** What the errors of either transport carry. */
interface Refusal {
  $response?: { headers?: Readonly<Record<string, string>> };
  $metadata?: { clockSkewCorrected?: boolean };
}
