import type { ContentBlock } from "@aws-sdk/client-bedrock-runtime";
import { type AnsweredCalls, answerCalls } from "./answer-calls.ts";
import { placeholder } from "./blank.ts";
import type { Translation } from "./translation.ts";
import { gatherTurns, type PlacedMessage, type Turn, type UserTurn } from "./turns.ts";

/** A message of Converse. */
export interface Turned {
  role: "user" | "assistant";
  content: ContentBlock[];
}

/** Everything after the leading instructions, as Converse takes it: the user first, then in turns. */
export function converseMessages(
  messages: readonly PlacedMessage[],
  translation: Translation,
): Turned[] {
  const turns = withFirstAndLast(gatherTurns(messages, translation));
  const answers = turns.map((turn, index) => answersIn(turn, turns[index - 1], translation));
  const turned = turns.map((turn, index): Turned => {
    if (turn.role === "user") return { role: "user", content: userContent(turn, answers[index]) };
    const calls = answers[index + 1]?.toolUses ?? [];
    const blocks = calls.map((toolUse): ContentBlock => ({ toolUse }));
    return { role: "assistant", content: [...turn.reasoning, ...turn.said, ...blocks] };
  });
  return translation.family === "claude" ? withTrimmedEnd(turned) : withUserLast(turned);
}

/** The user speaks first, and a turn with calls is never the last. */
function withFirstAndLast(turns: readonly Turn[]): Turn[] {
  const opened = turns[0]?.role === "user" ? turns : [userTurn([{ text: placeholder }]), ...turns];
  const last = opened.at(-1);
  const unanswered = last?.role === "assistant" && last.calls.length > 0;
  return unanswered ? [...opened, userTurn([])] : [...opened];
}

const userTurn = (said: ContentBlock[]): UserTurn => ({ role: "user", results: [], said });

function answersIn(
  turn: Turn,
  before: Turn | undefined,
  translation: Translation,
): AnsweredCalls | undefined {
  if (turn.role === "assistant") return undefined;
  const calls = before?.role === "assistant" ? before.calls : [];
  return answerCalls(calls, turn.results, translation);
}

/** Results come first: Claude wants them right after their calls. */
function userContent(turn: UserTurn, answers: AnsweredCalls | undefined): ContentBlock[] {
  const said = [...(answers?.orphans ?? []), ...turn.said];
  const bare = said.some(({ document }) => document !== undefined) && !said.some(isText);
  return [...(answers?.results ?? []), ...(bare ? [{ text: placeholder }] : []), ...said];
}

const isText = (block: ContentBlock): boolean => block.text !== undefined;

/** Models that cannot go on from words of their own are asked to. */
function withUserLast(turned: readonly Turned[]): Turned[] {
  if (turned.at(-1)?.role === "user") return [...turned];
  return [...turned, { role: "user", content: [{ text: "Continue." }] }];
}

/** Claude goes on from its last turn, and refuses to where that ends in white space. */
function withTrimmedEnd(turned: readonly Turned[]): Turned[] {
  const last = turned.at(-1);
  const end = last?.content.at(-1);
  if (last?.role !== "assistant" || end?.text === undefined) return [...turned];
  const text = end.text.trimEnd();
  return [...turned.slice(0, -1), { ...last, content: [...last.content.slice(0, -1), { text }] }];
}
