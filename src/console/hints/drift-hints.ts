import { lasting } from "./in-words.ts";
import { hint, type Look } from "./situation.ts";

/** The job runs daily; this is a run that did not happen. */
const oldMs = 36 * 3_600_000;

export const driftedRoutes: Look = ({ drift }) =>
  drift.routes.flatMap(({ route, sentences }) =>
    sentences.map((sentence) =>
      hint(
        "warning",
        "drifted",
        [`Route ${route} has drifted: ${sentence}`, "See the drift report below"],
        {
          route,
        },
      ),
    ),
  );

export const unwatchedDrift: Look = ({ drift, facts: { at } }) => {
  if (drift.lookedAt === null || at - drift.lookedAt < oldMs) return [];
  const sentence = `The last drift report is ${lasting(at - drift.lookedAt)} old: nobody watches for drift`;
  return [hint("notice", "drift_unwatched", [sentence, "See the group's drift job"])];
};
