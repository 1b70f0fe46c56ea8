import type { Round } from "./comparisons.ts";
import type { Contender } from "./contenders/contender.ts";
import { measure, type Figures } from "./measure.ts";
import type { Stage } from "./stage.ts";

export interface RoundsPlan {
  contenders: readonly Contender[];
  rounds: number;
  /** Of each measurement. */
  seconds: number;
  /** Flags of Node for a contender in a round. */
  nodeFlags: (name: string, round: number) => readonly string[];
  say: (line: string) => void;
}

export interface RoundsResult {
  rounds: readonly Round[];
  /** By contender: why it was not measured, or not in every round, or without streams. */
  problems: Readonly<Record<string, string>>;
}

/** Every contender once a round, so that what drifts on the machine meets them all. */
export async function runRounds(stage: Stage, plan: RoundsPlan): Promise<RoundsResult> {
  const problems: Record<string, string> = {};
  const ready = await prepared(plan, problems);
  const rounds: Round[] = [];
  for (let number = 1; number <= plan.rounds; number += 1) {
    plan.say(`Round ${number} of ${plan.rounds}`);
    rounds.push(await runRound(stage, { ...plan, contenders: ready }, number, problems));
  }
  return { rounds, problems };
}

async function prepared(
  { contenders, say }: RoundsPlan,
  problems: Record<string, string>,
): Promise<Contender[]> {
  const ready: Contender[] = [];
  for (const contender of contenders) {
    try {
      await contender.prepare();
      ready.push(contender);
    } catch (error) {
      problems[contender.name] = messageOf(error);
      say(`  ${contender.name} cannot be had: ${messageOf(error)}`);
    }
  }
  return ready;
}

async function runRound(
  stage: Stage,
  { contenders, seconds, nodeFlags, say }: RoundsPlan,
  number: number,
  problems: Record<string, string>,
): Promise<Round> {
  const round: Record<string, Figures> = {};
  let tenth: number | undefined;
  for (const contender of contenders) {
    const { name } = contender;
    try {
      const figures = await measure(contender, stage, { seconds, tenth }, nodeFlags(name, number));
      // All are called as often as the first, since what they add to a request is compared.
      tenth ??= figures.full.perSecond / 10;
      round[name] = figures;
      if (figures.streamProblem !== null) problems[name] = figures.streamProblem;
      say(`  ${name}: ${figures.full.perSecond.toFixed(0)} requests a second`);
    } catch (error) {
      problems[name] = messageOf(error);
      say(`  ${name} failed: ${messageOf(error)}`);
    }
  }
  return round;
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
