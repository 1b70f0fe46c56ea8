import * as z from "zod";
import { err, ok, type Result } from "../lib/index.ts";
import {
  costUsd,
  guessedInputTokens,
  type LabelledPrompt,
  type TierMenu,
} from "./labelled-prompt.ts";

const judgement = z.object({
  ok: z.union([z.literal(0), z.literal(1)]),
  out: z.number().min(0).nullish(),
  in: z.number().min(0).nullish(),
});

const line = z.object({
  id: z.string(),
  bench: z.string(),
  route: z.string(),
  tenant: z.string().nullish(),
  prompt: z.string(),
  inTok: z.number().min(0).nullish(),
  models: z.record(z.string(), judgement),
});

type Line = z.infer<typeof line>;

const price = z.tuple([z.number().min(0), z.number().min(0)]);

const menu = z.object({
  tiers: z.array(z.string()).min(2).max(8),
  models: z.record(z.string(), z.array(z.string())),
  usdPerMTok: z.record(z.string(), price),
});

/** @param text of a `tiers.json`. @returns what is wrong with it, as a sentence, where something is */
export function readTierMenu(text: string): Result<TierMenu, string> {
  const parsed = menu.safeParse(parseJson(text));
  if (!parsed.success) return err(`tiers: ${firstProblem(parsed.error)}`);
  const { tiers, models, usdPerMTok } = parsed.data;
  for (const [source, names] of Object.entries(models)) {
    if (names.length !== tiers.length) {
      return err(`tiers: models.${source} must name ${tiers.length} models, one a tier`);
    }
  }
  const prices: TierMenu["usdPerMTok"][number][] = [];
  for (const tier of tiers) {
    const found = Object.hasOwn(usdPerMTok, tier) ? usdPerMTok[tier] : undefined;
    if (found === undefined) return err(`tiers: usdPerMTok.${tier} is missing`);
    prices.push(found);
  }
  return ok({ tiers, models, usdPerMTok: prices });
}

/**
 * Prompts from lines of JSON, `{id, bench, route, tenant?, prompt, inTok?, models: {NAME: {ok, out?, in?}}}`. An
 * answer whose length is not told is taken for as long as the tier's others.
 *
 * @returns what is wrong with the first bad line, as a sentence with its number, where one is bad
 */
export function readLabels(text: string, tiers: TierMenu): Result<LabelledPrompt[], string> {
  const lines: Line[] = [];
  for (const [index, written] of text.split("\n").entries()) {
    if (written.trim() === "") continue;
    const parsed = line.safeParse(parseJson(written));
    if (!parsed.success) return err(`line ${index + 1}: ${firstProblem(parsed.error)}`);
    const problem = lackOf(parsed.data, tiers);
    if (problem !== undefined) return err(`line ${index + 1}: ${problem}`);
    lines.push(parsed.data);
  }
  const usual = usualLengths(lines, tiers);
  return ok(lines.map((each) => promptOf(each, tiers, usual)));
}

function lackOf({ bench, models }: Line, tiers: TierMenu): string | undefined {
  const names = Object.hasOwn(tiers.models, bench) ? tiers.models[bench] : undefined;
  if (names === undefined) return `bench "${bench}" has no models in the tiers`;
  const lacking = names.find((name) => !Object.hasOwn(models, name));
  return lacking === undefined ? undefined : `models.${lacking} is missing`;
}

const judgementsOf = ({ bench, models }: Line, tiers: TierMenu) =>
  (tiers.models[bench] ?? []).map((name) => models[name]);

/** By tier: the mean length of the answers whose length is told. */
function usualLengths(lines: readonly Line[], tiers: TierMenu): number[] {
  return tiers.tiers.map((_, tier) => {
    const told = lines
      .map((each) => judgementsOf(each, tiers)[tier]?.out)
      .filter((tokens) => tokens !== undefined && tokens !== null);
    return told.reduce((sum, tokens) => sum + tokens, 0) / Math.max(1, told.length);
  });
}

function promptOf(from: Line, tiers: TierMenu, usual: readonly number[]): LabelledPrompt {
  const judgements = judgementsOf(from, tiers);
  const outputTokens = judgements.map((each, tier) => each?.out ?? usual[tier] ?? 0);
  const inputTokens = from.inTok ?? guessedInputTokens(from.prompt);
  return {
    id: from.id,
    source: from.bench,
    route: from.route,
    ...(typeof from.tenant === "string" ? { tenant: from.tenant } : {}),
    text: from.prompt,
    correct: judgements.map((each) => each?.ok ?? 0),
    outputTokens,
    costUsd: tiers.usdPerMTok.map((prices, tier) =>
      costUsd(prices, judgements[tier]?.in ?? inputTokens, outputTokens[tier] ?? 0),
    ),
    judged: Object.fromEntries(
      Object.entries(from.models).map(([name, { ok: right }]) => [name, right]),
    ),
  };
}

function firstProblem(error: z.ZodError): string {
  const [issue] = error.issues;
  return `${issue?.path.join(".") || "the line"}: ${issue?.message ?? "malformed"}`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
