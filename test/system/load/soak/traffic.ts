import { setTimeout as sleep } from "node:timers/promises";
import { seededRandom } from "../../../../src/lib/index.ts";
import { makeLoadClient, type LoadClient, type Reply } from "../../../support/load-client.ts";
import { rawRequest, RawConnection } from "../../../support/raw-connection.ts";

export interface TrafficOptions {
  url: string;
  lanes: number;
  seed: number;
  /** No request begins after it has aborted. */
  signal: AbortSignal;
}

/** What came of requests as clients send them. */
export interface Traffic {
  /** How often each kind was asked. */
  kinds: Record<string, number>;
  statuses: Record<string, number>;
  /** Of every answer that came. */
  ids: string[];
  /** Answers that are not what any client may get. */
  wrong: string[];
}

type Random = () => number;

const hello = (index: number) => [{ role: "user", content: `What is ${index} plus 4?` }];
const weather = { type: "object", properties: { city: { type: "string" } } };
const tools = [{ type: "function", function: { name: "get_weather", parameters: weather } }];
const asksForWeather = [{ role: "user", content: "get_weather for Oslo" }];

/** How a request is made, each by its name: its path and its body. */
const requests: Readonly<Record<string, (index: number) => [path: string, body: object]>> = {
  whole: (index) => [chats, { model: "mixed", messages: hello(index), max_tokens: 24 }],
  stream: (index) => [
    chats,
    { model: "mixed", stream: true, messages: hello(index), max_tokens: 24 },
  ],
  hosted: (index) => [chats, { model: "hosted", stream: index % 2 === 0, messages: hello(index) }],
  hedged: (index) => [
    chats,
    { model: "hedged", stream: true, messages: hello(index), max_tokens: 24 },
  ],
  tools: (index) => [
    chats,
    { model: "mixed", stream: index % 2 === 0, tools, messages: asksForWeather },
  ],
  embeddings: (index) => ["/v1/embeddings", { model: "vectors", input: [`text ${index}`, "b"] }],
};

const chats = "/v1/chat/completions";
const kinds = [...Object.keys(requests), "left"];

/** Asks as clients do, each lane one request after the other; some leave before they have their answer. */
export async function makeTraffic(options: TrafficOptions): Promise<Traffic> {
  const traffic: Traffic = { kinds: {}, statuses: {}, ids: [], wrong: [] };
  const client = makeLoadClient(options.url, options.lanes);
  const lanes = Array.from({ length: options.lanes }, async (_, lane) => {
    const random = seededRandom(options.seed + lane);
    for (let index = 0; !options.signal.aborted; index += 1) {
      await askOne({ random, index, client, url: options.url }, traffic);
    }
  });
  await Promise.all(lanes);
  client.close();
  return traffic;
}

interface Asking {
  random: Random;
  index: number;
  client: LoadClient;
  url: string;
}

async function askOne(asking: Asking, traffic: Traffic): Promise<void> {
  const { random, index, client, url } = asking;
  const kind = kinds[Math.floor(random() * kinds.length)] ?? "left";
  traffic.kinds[kind] = (traffic.kinds[kind] ?? 0) + 1;
  if (kind === "left") return askAndLeave(url, random, index);
  const [path, body] = requests[kind]?.(index) ?? [chats, {}];
  const reply = await client.post(path, body);
  traffic.statuses[reply.status] = (traffic.statuses[reply.status] ?? 0) + 1;
  traffic.ids.push(String(reply.headers["x-switchyard-request-id"]));
  if (!isProper(reply)) traffic.wrong.push(`${kind}: ${reply.status} ${reply.text.slice(-200)}`);
}

/** At any time: before a byte has come, or in the middle of the answer. */
async function askAndLeave(url: string, random: Random, index: number): Promise<void> {
  const raw = await RawConnection.open({ url });
  const messages = [{ role: "user", content: "Count from 1 to 200" }];
  raw.write(rawRequest({ model: "mixed", stream: index % 2 === 0, messages }));
  await sleep(random() * 60);
  if (random() < 0.5) raw.leave();
  else raw.socket.resetAndDestroy();
}

/** A whole answer, a stream with one end, or an error in OpenAI's shape that is not our own fault. */
function isProper({ status, headers, text }: Reply): boolean {
  if (status !== 200) return /"code":"(?!internal_error)\w+"/.test(text);
  if (!String(headers["content-type"]).startsWith("text/event-stream")) {
    return typeof JSON.parse(text) === "object";
  }
  const events = text.trimEnd().split("\n\n");
  const ends = events.filter((each) => /^data: (\[DONE\]|\{"error":)/.test(each));
  return ends.length === 1 && events.at(-1) === ends[0];
}
