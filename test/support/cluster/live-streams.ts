import type OpenAI from "openai";

/** Streams that never pause: where one has ended, the next takes its place. */
export interface LiveStreams {
  /** How many have said all that they had to say. */
  finished: () => number;
  /** Of the tables that streams were routed by. */
  digests: ReadonlySet<string>;
  /** Lets those under way end; gives what was wrong with any, over all the time. */
  stop: () => Promise<string[]>;
}

// Some seconds of speech from the simulators.
const last = 300;
const expected = Array.from({ length: last }, (_, index) => String(index + 1)).join(" ");

export function startLiveStreams(client: OpenAI, count: number): LiveStreams {
  const broken: string[] = [];
  const digests = new Set<string>();
  const stopping = new AbortController();
  let finished = 0;
  const keepOne = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const startedAt = new Date().toISOString();
      try {
        const wrong = await streamOnce(client, digests);
        if (wrong === undefined) finished += 1;
        else broken.push(`${startedAt}: ${wrong}`);
      } catch (error) {
        broken.push(`${startedAt}: ${reasonOf(error)}`);
      }
    }
  };
  const all = Array.from({ length: count }, keepOne);
  return {
    finished: () => finished,
    digests,
    stop: async () => {
      stopping.abort();
      await Promise.all(all);
      process.stdout.write(
        `${finished} streams of ${last} numbers each came whole, over ${digests.size} tables; ${broken.length} did not\n`,
      );
      return broken;
    },
  };
}

/** What was wrong with it. */
async function streamOnce(client: OpenAI, digests: Set<string>): Promise<string | undefined> {
  const { data, response } = await client.chat.completions
    .create({
      model: "assistant",
      stream: true,
      messages: [{ role: "user", content: `Count from 1 to ${last}` }],
    })
    .withResponse();
  digests.add(response.headers.get("x-switchyard-table-digest") ?? "");
  let [text, reason] = ["", "none"];
  for await (const chunk of data) {
    text += chunk.choices[0]?.delta.content ?? "";
    reason = chunk.choices[0]?.finish_reason ?? reason;
  }
  if (reason !== "stop") return `it ended for the reason ${reason} after ${text.length} characters`;
  const said = text.match(/\d+/g)?.join(" ");
  return said === expected ? undefined : `it said ${text.slice(-100)}`;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${reasonOf(error.cause)}`;
}
