import { z } from "zod";
import { invariant } from "./invariant.ts";
import { set } from "./lists.ts";
import { duration, percent, reference } from "./scalars.ts";

const fallbackReasons = [
  "RateLimited",
  "ServerError",
  "Timeout",
  "SlowFirstToken",
  "StreamBroken",
  "Unavailable",
  "ContextOverflow",
  "ProviderRefused",
  "FilterBlocked",
] as const;

export type FallbackReason = (typeof fallbackReasons)[number];

const defaultFallbackReasons: FallbackReason[] = fallbackReasons.filter(
  (reason) => reason !== "ProviderRefused" && reason !== "FilterBlocked",
);

const defaultRetryBudgetPercent = 20;

/** A share so small that control and shadow traffic never cost more than they teach. */
const armPercent = (description: string) => z.int().min(0).max(50).default(0).describe(description);

export const quality = z
  .strictObject({
    floorPercent: percent(1)
      .default(95)
      .describe(
        "The share of the baseline's correct answers that the route keeps, in expectation over its traffic, in per cent. Default 95.",
      ),
    assurance: z
      .enum(["Certified", "Estimated"])
      .default("Certified")
      .describe(
        "How sure of the floor the router must be before it leaves the baseline: Certified wants a certificate from evaluated traffic and serves the baseline until there is one, Estimated takes the classifier's word. Default Certified.",
      ),
  })
  .describe(
    "How much of the baseline's quality is kept where selection is CheapestWithinEnvelope; elsewhere the author's order or weights decide.",
  );

export const selection = z
  .strictObject({
    type: z
      .enum(["CheapestWithinEnvelope", "Ordered", "Weighted"])
      .default("CheapestWithinEnvelope")
      .describe(
        "CheapestWithinEnvelope takes the cheapest candidate that meets envelope and quality; Ordered takes the first that may be used; Weighted draws by weight. Default CheapestWithinEnvelope.",
      ),
  })
  .describe("How the first candidate of a request is chosen.");

export const candidate = z
  .strictObject({
    backend: reference("The name of a ModelBackend of the same namespace.").describe(
      "The backend that may serve the route.",
    ),
    weight: z
      .int()
      .min(0)
      .max(1_000_000)
      .describe(
        "The candidate's part of the draw, relative to the others' weights. Required where selection is Weighted; 0 serves only as a fallback.",
      )
      .exactOptional(),
    maxSharePercent: percent(1)
      .describe(
        "The largest share of the route's requests that the candidate may serve, in per cent. Absent: no bound.",
      )
      .exactOptional(),
  })
  .describe("A backend that may serve the route's requests.");

const comparison = invariant(
  z
    .strictObject({
      type: z
        .enum(["Agreement", "Judge"])
        .describe(
          "Agreement counts how often both answers say the same; Judge asks a model which of them are right.",
        ),
      judge: z
        .strictObject({
          route: reference(
            "The name of another Chat route of the same namespace and class.",
          ).describe("The route that is asked; its calls cost what that route's cost."),
        })
        .describe("Who judges; set it where type is Judge.")
        .exactOptional(),
    })
    .describe(
      "How a shadow's answer is compared with the one that the client got. Absent: it is not, and shadows teach latency and cost alone.",
    ),
  {
    cel: "has(self.judge) == (self.type == 'Judge')",
    message:
      "Set comparison.judge exactly where comparison.type is Judge: add it, or correct the type.",
    holds: (each) => (each.judge !== undefined) === (each.type === "Judge"),
  },
);

export const arms = z
  .strictObject({
    shadowPercent: armPercent(
      "The share of requests that another candidate answers as well, unseen by the client, in per cent. Default 0.",
    ),
    controlPercent: armPercent(
      "The share of requests that the baseline serves for comparison, in per cent. Default 0.",
    ),
    comparison: comparison.exactOptional(),
  })
  .describe(
    "Small shares of traffic that are routed apart, so that cost saved and quality kept are measured.",
  );

const hedge = z
  .strictObject({
    afterPercentile: z
      .int()
      .min(50)
      .max(99)
      .default(95)
      .describe(
        "Start a second attempt, at the next candidate, when the first has waited longer for its first token (for the whole answer, where the client wants no stream) than this percentile of its backend's usual requests. Default 95.",
      ),
    maxSharePercent: percent(1)
      .default(5)
      .describe(
        "The largest share of the route's requests that may be hedged, in per cent, counted by each router. Default 5.",
      ),
  })
  .describe(
    "A second attempt that starts before the first has failed; the first to give content wins, and the other is cancelled. Absent: none does.",
  );

export const fallback = z
  .strictObject({
    when: set(z.enum(fallbackReasons).describe("A reason to move on to the next candidate."), {
      max: 16,
    })
      .default(defaultFallbackReasons)
      .describe(
        `What moves a request on to the next candidate, any of ${fallbackReasons.join(", ")}. Unavailable is access denied or not found. Default all but ProviderRefused and FilterBlocked; an empty list: nothing.`,
      ),
    maxAttempts: z
      .int()
      .min(1)
      .max(10)
      .default(3)
      .describe("The most calls that one request may cause, the first included. Default 3."),
    totalTimeout: duration()
      .default("60s")
      .describe(
        "The longest that a request may take over all its attempts, as a duration. Default 60s.",
      ),
    retryBudgetPercent: percent()
      .default(defaultRetryBudgetPercent)
      .describe(
        `How many retries and fallbacks the route may make for each hundred of its recent requests, so that an outage is not multiplied: past it nothing is retried, and a request falls back only to a candidate that is well. Each router counts its own, and lets a few through at any traffic; 0: none. Default ${defaultRetryBudgetPercent}.`,
      ),
    hedge: hedge.exactOptional(),
  })
  .describe("When and how long a failing request is carried to further candidates.");

export const classifier = invariant(
  z
    .strictObject({
      type: z
        .enum(["BuiltIn", "ConfigMap"])
        .default("BuiltIn")
        .describe(
          "BuiltIn judges with what Switchyard brings; ConfigMap with a model that you trained. Default BuiltIn.",
        ),
      configMap: reference("The name of a ConfigMap of the same namespace.")
        .describe("The ConfigMap that holds the trained model; set it where type is ConfigMap.")
        .exactOptional(),
    })
    .describe("What judges how likely each candidate is to answer a request correctly."),
  {
    cel: "has(self.configMap) == (self.type == 'ConfigMap')",
    message:
      "Set classifier.configMap exactly where classifier.type is ConfigMap: add it, or correct the type.",
    holds: (each) => (each.configMap !== undefined) === (each.type === "ConfigMap"),
  },
);

/** What becomes slower may more than double before anybody cares. */
const rise = (what: string, usual: number) =>
  z
    .int()
    .min(1)
    .max(1_000)
    .default(usual)
    .describe(
      `How much ${what} may rise against the days before, in per cent. Where these differ more among themselves that counts instead, so that no smaller value raises false alarms. Default ${usual}.`,
    );

export const drift = z
  .strictObject({
    distancePercent: z
      .int()
      .min(1)
      .max(1_000)
      .default(8)
      .describe(
        "How far a day's distribution of latency, tokens or cost may move from the days before it, in per cent: by how much requests became slower or faster on average, each against its like (Wasserstein's distance of logarithms); of the classifier's confidence, in points. Where the days before differ more among themselves that counts instead. Default 8.",
      ),
    p50Percent: rise("the median of these", 8),
    p95Percent: rise("P95, as the mean from P91 to P99,", 15),
    goldenSet: z
      .strictObject({
        configMap: reference("The name of a ConfigMap of the same namespace.").describe(
          "The ConfigMap that holds the questions and their right answers.",
        ),
      })
      .describe(
        "Questions with known answers that are asked daily, so that a fall in accuracy is seen. Absent: accuracy is judged by clients' feedback, else by shadows, else estimated by the classifier's confidence.",
      )
      .exactOptional(),
    onAccuracyDrift: z
      .enum(["Report", "PinBaseline"])
      .default("Report")
      .describe(
        "What a fall in accuracy does: Report says so, PinBaseline also sends all traffic to the baseline until the golden set or shadows show the other backends to be as good as before, or the annotation switchyard.dev/unpin; it needs a baseline. Default Report.",
      ),
  })
  .describe(
    "The bounds within which latency and accuracy may move from day to day. Absent: they are not watched.",
  );
