import { z } from "zod";
import { durationMs } from "../../lib/index.ts";
import { bedrock, credentials, sagemaker } from "./backend-target.ts";
import { invariant, invariants, type Invariant } from "./invariant.ts";
import { set } from "./lists.ts";
import { pricing } from "./pricing.ts";
import { duration, label, percent } from "./scalars.ts";

const tiers = ["Small", "Medium", "Large", "Frontier"] as const;

const capabilities = [
  "Tools",
  "Vision",
  "Documents",
  "JsonSchema",
  "Reasoning",
  "PromptCaching",
  "Streaming",
  "Embeddings",
] as const;

const quality = z
  .strictObject({
    tier: z
      .enum(tiers)
      .describe(
        "How capable the model is, as a first guess until it has been evaluated: Small, Medium, Large or Frontier.",
      ),
  })
  .describe("How good the model is believed to be. Required for models that chat.");

const expectations = z
  .strictObject({
    firstTokenP95: duration()
      .default("2s")
      .describe(
        "The wait for the first token that 95 of 100 requests stay under, as a duration such as 900ms. Default 2s.",
      ),
    tokensPerSecond: z
      .int()
      .min(1)
      .max(100_000)
      .default(50)
      .describe(
        "How many tokens a second the model writes once it has begun, as a whole number. Default 50.",
      ),
  })
  .describe("What a new router believes of the backend's speed until it has seen traffic.");

const timeouts = invariant(
  z
    .strictObject({
      connect: duration()
        .default("2s")
        .describe("The longest wait for a connection, as a duration. Default 2s."),
      firstToken: duration()
        .default("10s")
        .describe(
          "The longest wait for the first token of a stream, as a duration; an answer that is not streamed is bounded by total alone. Default 10s.",
        ),
      idle: duration()
        .default("15s")
        .describe("The longest silence within a stream, as a duration. Default 15s."),
      total: duration()
        .default("120s")
        .describe(
          "The longest that one attempt may take from beginning to end, as a duration. Default 120s.",
        ),
    })
    .describe(
      "How long one attempt may wait for what. Each wait that runs out ends the attempt, and the chain moves on. Where another candidate stands by, an attempt that gives nothing for much longer than is usual for its backend is left sooner.",
    ),
  {
    cel: "duration(self.connect) <= duration(self.total) && duration(self.firstToken) <= duration(self.total) && duration(self.idle) <= duration(self.total)",
    message:
      "Raise timeouts.total, or lower the others: connect, firstToken and idle must not be longer than total.",
    at: "total",
    holds: (each) => {
      const total = durationMs(each.total);
      return [each.connect, each.firstToken, each.idle].every((wait) => durationMs(wait) <= total);
    },
  },
);

const outlier = z
  .strictObject({
    consecutiveFailures: z
      .int()
      .min(1)
      .max(1_000)
      .default(5)
      .describe(
        "Eject the backend after this many failures in a row. What a request itself is at fault for is none. Default 5.",
      ),
    errorPercent: percent(1)
      .default(50)
      .describe(
        "Eject the backend when this share of recent attempts failed, in per cent, of ten attempts at least. Default 50.",
      ),
    slowPercent: percent(1)
      .default(50)
      .describe(
        "Eject the backend when this share of recent attempts was slow, in per cent, of ten attempts at least. Slow is a first token that comes later than the route's envelope.firstTokenP95 and than twice expectations.firstTokenP95; of an answer that is not streamed, one that takes longer than the route's envelope.totalP95 and than twice what expectations promise for its length. Default 50.",
      ),
    ejectFor: duration()
      .default("30s")
      .describe(
        "How long an ejected backend stays out of every chain at least, as a duration; requests then find out, one at a time, whether it is well again. Each further ejection is twice as long as the one before, up to ten times this. A rate limit that says when to come back ejects for that long. Default 30s.",
      ),
  })
  .describe(
    "When a failing or slow backend is left out for a while. At least one candidate of a request always stays. Every router judges by its own traffic.",
  );

const concurrency = z
  .strictObject({
    max: z
      .int()
      .min(1)
      .max(100_000)
      .describe(
        "The most calls of this backend that one router has open at a time; a stream counts to its end.",
      ),
    maxQueued: z
      .int()
      .min(0)
      .max(100_000)
      .default(0)
      .describe(
        "How many requests of one router may wait for a free place, in the order in which they came, and no longer than for a first token. Further ones go on to the next candidate at once; where there is none they get 429. Default 0: none waits.",
      ),
  })
  .describe(
    "A bound on the calls in flight, for a model that bears only so many. Absent: no bound.",
  );

const backendFields = z
  .strictObject({
    type: z
      .enum(["Bedrock", "SageMaker"])
      .describe("Which service serves the model: Bedrock or SageMaker."),
    bedrock: bedrock.exactOptional(),
    sagemaker: sagemaker.exactOptional(),
    credentials: credentials.prefault({}),
    pricing,
    quality: quality.exactOptional(),
    expectations: expectations.prefault({}),
    capabilities: set(z.enum(capabilities).describe("One thing that the model can do."), {
      max: 16,
    })
      .default(["Streaming"])
      .describe(
        "What the model can do. A request that needs more than this is never sent to it. Default [Streaming]; an embeddings model says [Embeddings].",
      ),
    contextWindow: z
      .int()
      .min(1)
      .max(100_000_000)
      .describe("How many tokens of input and output together the model holds."),
    maxOutputTokens: z
      .int()
      .min(1)
      .max(100_000_000)
      .describe(
        "The most tokens that the model writes in one answer. Absent: as many as contextWindow.",
      )
      .exactOptional(),
    embedding: z
      .strictObject({
        dimensions: z
          .int()
          .min(1)
          .max(65_536)
          .describe(
            "How many numbers one vector has. Routes refuse candidates whose dimensions differ.",
          ),
      })
      .describe(
        "What the vectors of an embeddings model look like; set it where capabilities has Embeddings.",
      )
      .exactOptional(),
    dataClasses: set(label().describe("The name of a data class, as tenants use it."), { max: 32 })
      .default([])
      .describe(
        "Which classes of data the backend is cleared for, such as [public, internal]. A tenant whose traffic may hold a class that is missing here never reaches it. Default none.",
      ),
    timeouts: timeouts.prefault({}),
    outlier: outlier.prefault({}),
    concurrency: concurrency.exactOptional(),
  })
  .describe(
    "A model that can be called: where it is, what it costs, how good and how fast it is believed to be.",
  );

type Fields = z.output<typeof backendFields>;

const rules: readonly Invariant<Fields>[] = [
  {
    cel: "has(self.bedrock) == (self.type == 'Bedrock')",
    message: "Set bedrock exactly where type is Bedrock: add it, remove it, or correct the type.",
    holds: (spec) => (spec.bedrock !== undefined) === (spec.type === "Bedrock"),
  },
  {
    cel: "has(self.sagemaker) == (self.type == 'SageMaker')",
    message:
      "Set sagemaker exactly where type is SageMaker: add it, remove it, or correct the type.",
    holds: (spec) => (spec.sagemaker !== undefined) === (spec.type === "SageMaker"),
  },
  {
    cel: "has(self.embedding) == ('Embeddings' in self.capabilities)",
    message: "Set embedding exactly where capabilities has Embeddings: add the one or the other.",
    holds: (spec) => (spec.embedding !== undefined) === spec.capabilities.includes("Embeddings"),
  },
  {
    cel: "has(self.quality) || has(self.embedding)",
    message:
      "Set quality.tier to Small, Medium, Large or Frontier; only an embeddings model may leave it out.",
    holds: (spec) => spec.quality !== undefined || spec.embedding !== undefined,
  },
  {
    cel: "!has(self.maxOutputTokens) || self.maxOutputTokens <= self.contextWindow",
    message:
      "Lower maxOutputTokens to contextWindow or less: the window holds input and output together.",
    at: "maxOutputTokens",
    holds: (spec) =>
      spec.maxOutputTokens === undefined || spec.maxOutputTokens <= spec.contextWindow,
  },
];

export const modelBackendSpec = invariants(backendFields, rules);

export type ModelBackendSpec = z.output<typeof modelBackendSpec>;
