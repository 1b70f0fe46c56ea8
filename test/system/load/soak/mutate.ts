// Requests as nobody should send them, made of valid ones. All of it follows from the random source.

/** What is written at once, and how many requests it was made of. */
export interface Mutated {
  kind: MutationKind;
  bytes: Buffer;
  requests: number;
}

type Random = () => number;

const below = (random: Random, end: number): number => Math.floor(random() * end);

function pick<T>(random: Random, from: readonly T[]): T {
  const found = from[below(random, from.length)];
  if (found === undefined) throw new RangeError("There is nothing to pick from");
  return found;
}

const post = (path: string, body: object): string => {
  const text = JSON.stringify(body);
  return `POST ${path} HTTP/1.1\r\nhost: router\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
};

const chat = (model: string, more: object = {}): string =>
  post("/v1/chat/completions", {
    model,
    max_tokens: 8,
    messages: [{ role: "user", content: "What is 17 * 23? Grüße 🚂" }],
    ...more,
  });

const weather = { type: "object", properties: { city: { type: "string" } } };

/** Mostly such as no model is called for: it is the router that is asked questions here. */
const posts: readonly string[] = [
  chat("nobody"),
  chat("nobody", { stream: true, stream_options: { include_usage: true } }),
  chat("nobody", {
    tools: [{ type: "function", function: { name: "get_weather", parameters: weather } }],
  }),
  chat("sturdy"),
  chat("sturdy", { stream: true }),
  post("/v1/embeddings", { model: "nobody", input: ["one", "two"], dimensions: 256 }),
];

const valid: readonly string[] = [
  ...posts,
  "GET /v1/models HTTP/1.1\r\nhost: router\r\n\r\n",
  "GET /v1/models/sturdy HTTP/1.1\r\nhost: router\r\nauthorization: Bearer sy_nobody\r\n\r\n",
];

function flip(random: Random, text: Buffer): Buffer {
  const bytes = Buffer.from(text);
  for (let count = 1 + below(random, 8); count > 0; count -= 1) {
    const at = below(random, bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << below(random, 8));
  }
  return bytes;
}

/** Cuts a stretch out, or says it twice, and leaves all else as it stands. */
function stutter(random: Random, text: string): string {
  const from = below(random, text.length);
  const to = Math.min(text.length, from + 1 + below(random, 24));
  const stretch = random() < 0.5 ? "" : text.slice(from, to).repeat(2);
  return text.slice(0, from) + stretch + text.slice(to);
}

const splitHead = (request: string): [head: string, body: string] => {
  const end = request.indexOf("\r\n\r\n");
  return [request.slice(0, end), request.slice(end + 4)];
};

const withHeader = (request: string, ...lines: readonly string[]): string => {
  const [head, body] = splitHead(request);
  return `${[head, ...lines].join("\r\n")}\r\n\r\n${body}`;
};

/** The body is another, and its length is told rightly: the words are read, not the wire. */
function withBody(request: string, change: (body: string) => string): string {
  const [head, body] = splitHead(request);
  const changed = change(body);
  const length = `content-length: ${Buffer.byteLength(changed)}`;
  return `${head.replace(/content-length: \d+/, length)}\r\n\r\n${changed}`;
}

const oddValues = [
  "null",
  "-1",
  "1e309",
  '"\\ud800"',
  "[]",
  "{}",
  "[[[[[[[[[[]]]]]]]]]]",
  '""',
  "true",
  '{"__proto__":{"stream":true}}',
  `"${"x".repeat(5_000)}"`,
];

const oddHeaders = [
  "content-length: 3",
  "content-length: -1",
  "content-length: 99999999999999999999",
  "transfer-encoding: chunked",
  "transfer-encoding: gzip, chunked",
  "Transfer-Encoding : chunked",
  "host: elsewhere",
  "content-type: text/plain",
  "content-type: application/json; charset=utf-16",
  "content-encoding: gzip",
  "connection: close, upgrade",
  "upgrade: websocket",
  "expect: 100-continue",
  "expect: a-miracle",
  " folded: line",
  "no-colon",
  "nul: \0",
  "traceparent: 00-00000000000000000000000000000000-0000000000000000-ff",
  "authorization: Bearer",
  "authorization: Bearer sy_one, Bearer sy_two",
];

const oddLines = [
  "GET / HTTP/1.1",
  "BREW /v1/chat/completions HTTP/1.1",
  "POST /v1/chat/completions HTTP/9.9",
  "POST /v1/chat/completions",
  "POST  /v1/chat/completions HTTP/1.1",
  "CONNECT router:443 HTTP/1.1",
  "OPTIONS * HTTP/1.1",
  "GET /v1/models/%zz%00%ff HTTP/1.1",
  "GET /v1/../../etc/passwd HTTP/1.1",
  "GET http://elsewhere/v1/models HTTP/1.1",
  `GET /${"a/".repeat(3_000)} HTTP/1.1`,
  "PRI * HTTP/2.0",
  "\x16\x03\x01\x02\x00\x01",
];

const chunks = [
  "5\r\nhello\r\n0\r\n\r\n",
  "5\r\nhel",
  "zz\r\nhello\r\n0\r\n\r\n",
  "-5\r\nhello\r\n0\r\n\r\n",
  "ffffffffffffffffff\r\nhello\r\n0\r\n\r\n",
  "5;name=value\r\nhello\r\n0\r\ntrailer: yes\r\n\r\n",
  "5\nhello\n0\n\n",
  "0\r\n\r\n0\r\n\r\n",
  `2;${"x".repeat(20_000)}\r\n{}\r\n0\r\n\r\n`,
  "2\r\n{}\r\n2\r\n{}\r\n0\r\n\r\n",
];

/** How a request is spoilt, each by its name. */
const mutations = {
  flipped: (random: Random, request: string) => flip(random, Buffer.from(request)),
  stuttered: (random: Random, request: string) => stutter(random, request),
  truncated: (random: Random, request: string) => {
    const bytes = Buffer.from(request);
    return bytes.subarray(0, 1 + below(random, bytes.length - 1));
  },
  headersTwice: (random: Random, request: string) =>
    withHeader(request, pick(random, oddHeaders), pick(random, oddHeaders)),
  hugeHeaders: (random: Random, request: string) =>
    random() < 0.5
      ? withHeader(request, `x-huge: ${"h".repeat(below(random, 40_000))}`)
      : withHeader(request, ...Array.from({ length: 600 }, (_, index) => `x-${index}: many`)),
  chunkedNonsense: (random: Random, request: string) => {
    const [head] = splitHead(request);
    const chunked = head.replace(/content-length: \d+/, "transfer-encoding: chunked");
    return `${chunked}\r\n\r\n${pick(random, chunks)}`;
  },
  oddLine: (random: Random, request: string) =>
    request.replace(/^[^\r]*/, () => pick(random, oddLines)),
  oddBody: (random: Random, request: string) =>
    withBody(request, (body) => stutter(random, body === "" ? "{}" : body)),
  oddValue: (random: Random, request: string) =>
    withBody(request, (body) =>
      body.replace(/("\w+":)("[^"]*"|\d+|true)/g, (whole, name: string) =>
        random() < 0.3 ? name + pick(random, oddValues) : whole,
      ),
    ),
} satisfies Record<string, (random: Random, request: string) => string | Buffer>;

export type MutationKind = keyof typeof mutations | "pipelined";

const kinds = Object.keys(mutations) as (keyof typeof mutations)[];

/** What is wrong with their words alone: who comes after them on the connection is read, too. */
const harmless = ["oddBody", "oddValue"] as const;

const longestPipeline = 12;

/** The next request that is spoilt, or a whole pipeline of them. */
export function nextMutated(random: Random): Mutated {
  if (random() < 0.4) return nextPipeline(random);
  const kind = pick(random, kinds);
  const bytes = Buffer.from(mutations[kind](random, pick(random, valid)));
  return { kind, bytes, requests: 1 };
}

function nextPipeline(random: Random): Mutated {
  const requests = 2 + below(random, longestPipeline - 1);
  const all = Array.from({ length: requests }, () => {
    // One that spoils the wire makes all after it unreadable: few do.
    const kind = random() < 0.98 ? pick(random, harmless) : pick(random, kinds);
    return Buffer.from(mutations[kind](random, pick(random, posts)));
  });
  return { kind: "pipelined", bytes: Buffer.concat(all), requests };
}
