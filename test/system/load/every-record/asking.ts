import { setTimeout as sleep } from "node:timers/promises";
import { seededRandom } from "../../../../src/lib/index.ts";
import { inParallel, makeLoadClient } from "../../../support/load-client.ts";
import { rawRequest, RawConnection } from "../../../support/raw-connection.ts";

/** Of the tenant whose limit is soon reached. */
export const modestKey = "sy_key-of-a-modest-tenant";

export interface Asked {
  /** The ids of all answers that came whole. */
  ids: string[];
  /** Requests of which the client cannot know whether they were taken: it left, or was turned away unheard. */
  unsure: number;
}

type Request = readonly [path: string, body: object, headers?: Record<string, string>];

const chats = "/v1/chat/completions";
const messagesOf = (index: number) => [
  { role: "user", content: `Question ${index}: what is ${index} plus 4?` },
];
const bodyOf = (model: string, index: number): object => ({
  model,
  messages: messagesOf(index),
  max_tokens: 16,
});
const chat = (model: string, index: number, more: object = {}): Request => [
  chats,
  { ...bodyOf(model, index), ...more },
];

/** In turn, so that each sort of request has its share. */
const requests: readonly ((index: number) => Request)[] = [
  (index) => chat("mixed", index),
  (index) => chat("mixed", index, { stream: true }),
  (index) => chat("hosted", index, { stream: index % 2 === 0 }),
  (index) => chat("hedged", index, { stream: true }),
  (index) => ["/v1/embeddings", { model: "vectors", input: [`text ${index}`, "b"] }],
  (index) => chat("filtered", index, { messages: [{ role: "user", content: "forbidden fruit" }] }),
  (index) => chat("filtered", index, { stream: true }),
  // What two models say of this can be compared.
  (index) => chat("shadowed", index, { messages: [{ role: "user", content: `repeat: ${index}` }] }),
  (index) => [chats, bodyOf("modest", index), { authorization: `Bearer ${modestKey}` }],
  (index) => chat(`nobody-${index}`, index),
  () => [chats, { model: "mixed", messages: "none" }],
];

/** One in so many leaves before it has its answer. */
export const leavesOneIn = 20;

/**
 * Asks so many times, some at once; whatever becomes of it.
 *
 * @param from the number of the first, so that no two rounds are alike
 * @param meanwhile told how many have been asked
 */
export async function askMany(
  url: string,
  { count, lanes, from }: { count: number; lanes: number; from: number },
  meanwhile: (asked: number) => void,
): Promise<Asked> {
  const client = makeLoadClient(url, lanes);
  const random = seededRandom(from + 1);
  const asked: Asked = { ids: [], unsure: 0 };
  await inParallel(count, lanes, async (index) => {
    meanwhile(index);
    const number = from + index;
    if (index % leavesOneIn === leavesOneIn - 1) {
      asked.unsure += 1;
      return leaveEarly(url, random);
    }
    const [path, body, headers] = requests[number % requests.length]?.(number) ?? [chats, {}];
    try {
      const reply = await client.post(path, body, headers);
      asked.ids.push(String(reply.headers["x-switchyard-request-id"]));
    } catch {
      asked.unsure += 1;
    }
  });
  client.close();
  return asked;
}

async function leaveEarly(url: string, random: () => number): Promise<void> {
  const waitMs = random() * 40;
  try {
    const raw = await RawConnection.open({ url });
    raw.write(rawRequest({ model: "mixed", stream: true, messages: messagesOf(1) }));
    await sleep(waitMs);
    raw.leave();
  } catch {
    // It stops listening while others still ask: nobody was there.
  }
}
