import { err, ok, type Clock, type Result } from "../../lib/index.ts";
import type { AskGroup, GroupLook, GroupSample } from "./group-look.ts";
import { groupQueries, type GroupQuery } from "./group-queries.ts";
import { groupView, type GroupAnswers, type GroupNames } from "./group-view.ts";

/** A person waits for it. */
const askMs = 4_000;
/** Whoever else looks within this time is shown the same. */
const keepMs = 5_000;

export interface GroupStore {
  ask: AskGroup;
  /** Labels that the store has put on the group's series. */
  match: Readonly<Record<string, string>>;
}

/** Asks the group's metrics store, a few fixed questions at a time, whoever looks and however many do. */
export class GroupDesk {
  readonly #store: GroupStore | undefined;
  readonly #clock: Clock;
  #last: { at: number; look: Promise<GroupLook> } | undefined;

  /** @param store absent: none is set up */
  constructor(store: GroupStore | undefined, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  get isSetUp(): boolean {
    return this.#store !== undefined;
  }

  /** Never rejects, and takes a few seconds at most. */
  look(names: GroupNames): Promise<GroupLook> {
    if (this.#store === undefined) return Promise.resolve({ kind: "off" });
    const now = this.#clock.elapsed();
    if (this.#last !== undefined && now - this.#last.at < keepMs) return this.#last.look;
    const look = askAll(this.#store, names, this.#clock.now());
    this.#last = { at: now, look };
    return look;
  }
}

async function askAll(
  { ask, match }: GroupStore,
  names: GroupNames,
  at: number,
): Promise<GroupLook> {
  const signal = AbortSignal.timeout(askMs);
  const entries = Object.entries(groupQueries(match)) as [GroupQuery, string][];
  const answered = await Promise.all(
    entries.map(async ([name, query]) => ({ name, answer: await asked(ask, query, signal) })),
  );
  const problems = answered.flatMap(({ answer }) => (answer.ok ? [] : [answer.error]));
  const [why] = problems;
  if (why !== undefined && problems.length === entries.length) return { kind: "silent", why };
  const answers = Object.fromEntries(
    answered.map(({ name, answer }) => [name, answer.ok ? answer.value : []]),
  ) as unknown as GroupAnswers;
  return {
    kind: "view",
    view: { ...groupView(answers, names, at), missing: [...new Set(problems)] },
  };
}

async function asked(
  ask: AskGroup,
  query: string,
  signal: AbortSignal,
): Promise<Result<readonly GroupSample[], string>> {
  try {
    const answer = await ask(query, signal);
    return answer.ok ? ok(answer.value) : answer;
  } catch (error) {
    return err(error instanceof Error ? error.message : String(error));
  }
}
