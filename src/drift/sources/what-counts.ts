// What all sources hold for traffic, so that a route looks the same whichever of them is asked.

/** Arms whose calls served nobody. */
export const unservedArms = ["golden", "shadow", "judge"] as const;

/** Kinds of attempts that served nobody. */
export const unservedKinds = ["shadow", "judge"] as const;

/** Ends of attempts that we wanted: they tell nothing of the backend. */
export const cancellations = ["superseded", "client_closed_request"] as const;

/**
 * Errors whose time belongs to the latency: the bound cut them off, and without them a backend that became slow
 * would look faster. Other errors come early, a throttled call within milliseconds, and would do the same.
 */
export const timeErrors = ["timeout", "slow_first_token"] as const;

/** The category of what had no error, no fallback. */
export const none = "none";

export const refusals = { refused: "refused", answered: "answered" } as const;

/** Upper ends of the bands of a prompt's length, in tokens; metrics have buckets that end there too. */
export const promptBounds = [64, 256, 1_024, 4_096, 16_384, 65_536] as const;

/** The name of the band, as reports show it. */
export function promptBand(tokens: number): string {
  const bound = promptBounds.find((each) => tokens <= each);
  return bound === undefined ? `over ${promptBounds.at(-1)} tokens` : `up to ${bound} tokens`;
}
