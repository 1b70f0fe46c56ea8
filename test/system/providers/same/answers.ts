import { gzipSync } from "node:zlib";
import type { ServerResponse } from "node:http";
import {
  bytesFrame,
  encodeFrame,
  errorFrame,
  eventFrame,
  exceptionFrame,
  spoilChecksum,
} from "../../../../src/simulators/event-stream.ts";

type Answer = (response: ServerResponse) => void;
type Case = readonly [title: string, answer: Answer];

const requestId = { "x-amzn-requestid": "r-1" };
const json = { "content-type": "application/json", ...requestId };
const eventStream = { "content-type": "application/vnd.amazon.eventstream", ...requestId };

export const whole =
  (body: unknown, status = 200, headers: Record<string, string> = {}): Answer =>
  (response) =>
    void response
      .writeHead(status, { ...json, ...headers })
      .end(typeof body === "string" || Buffer.isBuffer(body) ? body : JSON.stringify(body));

export const streamed =
  (...frames: readonly (Buffer | string)[]): Answer =>
  (response) =>
    void response
      .writeHead(200, eventStream)
      .end(Buffer.concat(frames.map((each) => Buffer.from(each))));

export const usage = { inputTokens: 3, outputTokens: 2, totalTokens: 5 };
export const converse = (content: unknown, more: object = {}): object => ({
  output: { message: { role: "assistant", content } },
  stopReason: "end_turn",
  usage,
  metrics: { latencyMs: 7 },
  ...more,
});

const named: readonly (readonly [name: string, status: number, body: object])[] = [
  ["ThrottlingException", 429, { message: "slow down" }],
  ["ValidationException", 400, { message: "Input is too long for requested model." }],
  ["ServiceQuotaExceededException", 400, { message: "no more" }],
  ["ModelErrorException", 424, { message: "no", originalStatusCode: 422, resourceName: "m" }],
  ["ModelError", 424, { Message: "no", OriginalStatusCode: 500, OriginalMessage: '{"error":"x"}' }],
  ["ModelNotReadyException", 429, { message: "wait" }],
  ["ModelTimeoutException", 408, { message: "late" }],
  ["InternalServerException", 500, {}],
  ["CustomException", 418, { message: "odd" }],
];

export const refusals: readonly Case[] = [
  ...named.flatMap(([code, at, body]): Case[] => {
    return [
      [`${code} in a header`, whole(body, at, { "x-amzn-errortype": code })],
      [
        `${code} in a header with more behind it`,
        whole(body, at, { "x-amzn-ErrorType": `${code}:http://internal.amazon.com/` }),
      ],
      [
        `${code} in __type with a namespace`,
        whole({ ...body, __type: `com.amazon.coral#${code}` }, at),
      ],
      [`${code} in code`, whole({ ...body, code }, at)],
    ];
  }),
  [
    "a camel-case name",
    whole({ message: "no" }, 400, { "x-amzn-errortype": "throttlingException" }),
  ],
  ["a Message in capitals", whole({ Message: "Bad field", __type: "ValidationException" }, 400)],
  [
    "Retry-After",
    whole({}, 429, { "retry-after": "3", "x-amzn-errortype": "ThrottlingException" }),
  ],
  ["a page in place of JSON", whole("<html>Bad gateway</html>", 502)],
  ["a page that is no error of AWS", whole("<html>No</html>", 403)],
  ["a page with a status of its own", whole("not JSON", 400)],
  ["no body", whole("", 503)],
  ["a body that is no object", whole("[1]", 500)],
  ["a redirection", whole("", 302, { location: "http://127.0.0.1:1/" })],
  ["no request id", (response) => void response.writeHead(404).end("{}")],
  [
    "a compressed refusal",
    whole(gzipSync('{"message":"no"}'), 400, { "content-encoding": "gzip" }),
  ],
];

const long = "12345678901234567890.5";
const tool = (input: string): string =>
  JSON.stringify(converse([{ toolUse: { toolUseId: "t", name: "f", input: 0 } }])).replace(
    '"input":0',
    `"input":${input}`,
  );

/** What may come in place of a whole answer of Converse. */
export const wholeCases: readonly Case[] = [
  ...refusals,
  ["text", whole(converse([{ text: "Hi" }]))],
  ["text in other scripts", whole(converse([{ text: "naïve 漢字 🚂\u0000\ud83d" }]))],
  [
    "members that nobody knows",
    whole(converse([{ text: "Hi", later: 1 }, { later: {} }], { later: [1] })),
  ],
  [
    "members of null",
    whole(converse([{ text: "Hi", toolUse: null }], { trace: null, metrics: null })),
  ],
  ["a reason of null", whole(converse([{ text: "Hi" }], { stopReason: null, usage: null }))],
  ["content of null", whole(converse(null))],
  ["no output", whole({})],
  ["no body", whole("")],
  ["null", whole("null")],
  ["a text in place of an object", whole('"Hi"')],
  ["a list in place of an object", whole("[]")],
  ["content that is no list", whole(converse({ text: "Hi" }))],
  ["blocks that are no objects", whole(converse(["Hi", 1, null, []]))],
  [
    "thoughts, signed and hidden",
    whole(
      converse([
        { reasoningContent: { reasoningText: { text: "hm", signature: "s" } } },
        { reasoningContent: { redactedContent: "AAEC/w==" } },
        { text: "Hi" },
      ]),
    ),
  ],
  [
    "hidden thoughts that are no base64",
    whole(converse([{ reasoningContent: { redactedContent: "%%%%" } }])),
  ],
  [
    "hidden thoughts without padding",
    whole(converse([{ reasoningContent: { redactedContent: "AAE" } }])),
  ],
  ["a call", whole(tool('{"a":null,"b":[null,{"c":null}]}'))],
  [
    "a call with long numbers",
    whole(tool(`{"a":${long},"b":[12345678901234567890,0.12345678901234567,1.0,1e3]}`)),
  ],
  ["a call without a name", whole(converse([{ toolUse: { toolUseId: "t" } }]))],
  [
    "counts that are none",
    whole(
      converse([{ text: "Hi" }], {
        usage: {
          ...usage,
          inputTokens: "many",
          outputTokens: -1,
          cacheReadInputTokens: 2 ** 70,
        },
      }),
    ),
  ],
  ["a document too deep for any stack", whole(tool("[".repeat(60_000) + "]".repeat(60_000)))],
  ["JSON that breaks off", whole('{"output":{"mess')],
  ["a page", whole("<html></html>")],
  [
    "a compressed answer",
    whole(gzipSync(JSON.stringify(converse([{ text: "Hi" }]))), 200, {
      "content-encoding": "gzip",
    }),
  ],
  [
    "an answer in chunks",
    (response) => {
      response.writeHead(200, json);
      for (const part of JSON.stringify(converse([{ text: "Hé" }])).match(/[^]{1,9}/g) ?? [])
        response.write(part);
      response.end();
    },
  ],
  ["status 201", whole(converse([{ text: "Hi" }]), 201)],
];

const start = eventFrame("messageStart", { role: "assistant" });
const delta = (text: unknown): Buffer =>
  eventFrame("contentBlockDelta", { contentBlockIndex: 0, delta: { text } });
const blockStop = eventFrame("contentBlockStop", { contentBlockIndex: 0 });
const stop = eventFrame("messageStop", { stopReason: "end_turn" });
const metadata = eventFrame("metadata", { usage, metrics: { latencyMs: 7 }, p: "abcdef" });
const end = [blockStop, stop, metadata] as const;
const hi = [start, delta("Hi"), delta(" there")] as const;
const event = { ":message-type": "event", ":content-type": "application/json" };
const raw = (type: string, payload: string): Buffer =>
  encodeFrame({ ...event, ":event-type": type }, Buffer.from(payload));
const inBlock = (told: unknown): Buffer =>
  eventFrame("contentBlockDelta", { contentBlockIndex: 0, delta: told });

const exceptions = [
  "internalServerException",
  "modelStreamErrorException",
  "validationException",
  "throttlingException",
  "serviceUnavailableException",
  "customException",
].flatMap((type): Case[] => {
  const thrown = exceptionFrame(type, { message: "Input is too long", originalStatusCode: 500 });
  return [
    [`${type} first`, streamed(thrown)],
    [`${type} after the start`, streamed(start, thrown)],
    [`${type} in the midst`, streamed(...hi, thrown, ...end)],
    [`${type} as an event`, streamed(...hi, eventFrame(type, { message: "no" }), ...end)],
    [
      `${type} without a body`,
      streamed(
        encodeFrame({ ":message-type": "exception", ":exception-type": type }, Buffer.alloc(0)),
      ),
    ],
  ];
});

/** What may come in place of a stream of Converse. */
export const streamCases: readonly Case[] = [
  ...refusals,
  ...exceptions,
  ["text", streamed(...hi, ...end)],
  [
    "text byte by byte",
    (response) => {
      response.writeHead(200, eventStream);
      for (const byte of Buffer.concat([...hi, ...end])) response.write(Buffer.from([byte]));
      response.end();
    },
  ],
  ["nothing", streamed()],
  ["an error first", streamed(errorFrame("InternalError", "no"))],
  ["an error in the midst", streamed(...hi, errorFrame("ThrottlingException", "no"))],
  [
    "an event that nobody knows",
    streamed(start, eventFrame("laterEvent", { a: 1 }), delta("Hi"), ...end),
  ],
  ["an initial response", streamed(eventFrame("initial-response", {}), ...hi, ...end)],
  ["a frame of no type", streamed(start, encodeFrame({}, Buffer.from("{}")))],
  [
    "a frame of another type",
    streamed(
      start,
      encodeFrame({ ":message-type": "later", ":event-type": "a" }, Buffer.from("{}")),
    ),
  ],
  [
    "an event without a name",
    streamed(start, encodeFrame({ ":message-type": "event" }, Buffer.from("{}")), ...end),
  ],
  ["a payload that is no JSON", streamed(...hi, raw("contentBlockDelta", "{"), ...end)],
  ["a first payload that is no JSON", streamed(raw("messageStart", "{"))],
  ["a payload of null", streamed(...hi, raw("contentBlockDelta", "null"), ...end)],
  ["an empty payload", streamed(...hi, raw("contentBlockStop", ""), stop, metadata)],
  [
    "members of null",
    streamed(
      start,
      raw("contentBlockDelta", '{"contentBlockIndex":null,"delta":{"text":"null","toolUse":null}}'),
      raw("contentBlockDelta", '{"delta":null}'),
      ...end,
    ),
  ],
  ["a text that is none", streamed(start, delta(7), ...end)],
  ["a reason of null", streamed(...hi, raw("messageStop", '{"stopReason":null}'), metadata)],
  [
    "thoughts",
    streamed(
      start,
      inBlock({ reasoningContent: { text: "hm" } }),
      inBlock({ reasoningContent: { signature: "s" } }),
      inBlock({ reasoningContent: { redactedContent: "AAEC/w==" } }),
      delta("Hi"),
      ...end,
    ),
  ],
  [
    "thoughts that are no base64",
    streamed(start, inBlock({ reasoningContent: { redactedContent: "%%%%" } }), ...end),
  ],
  [
    "a call",
    streamed(
      start,
      eventFrame("contentBlockStart", {
        contentBlockIndex: 0,
        start: { toolUse: { toolUseId: "t", name: "f" } },
      }),
      inBlock({ toolUse: { input: '{"a":' } }),
      inBlock({ toolUse: { input: "1}" } }),
      blockStop,
      eventFrame("messageStop", { stopReason: "tool_use" }),
      metadata,
    ),
  ],
  ["arguments of no call", streamed(start, inBlock({ toolUse: { input: "{}" } }), ...end)],
  ["a wrong checksum first", streamed(spoilChecksum(start), ...end)],
  ["a wrong checksum after the start", streamed(start, spoilChecksum(delta("Hi")), ...end)],
  ["a wrong checksum in the midst", streamed(...hi, spoilChecksum(delta("Hi")), ...end)],
  ["a clean end without a reason", streamed(...hi, blockStop)],
  ["a clean end without usage", streamed(...hi, blockStop, stop)],
  ["an end within a frame", streamed(...hi, metadata.subarray(0, 40))],
  ["more after the end", streamed(...hi, ...end, delta("more"))],
  [
    "rubbish after the end",
    streamed(...hi, ...end, Buffer.from([0, 0, 0, 20, ...Array<number>(16).fill(7)])),
  ],
  ["a page", streamed("<html>This is a page and no stream of events</html>")],
  ["JSON", whole(converse([{ text: "Hi" }]))],
  [
    "a frame that says it is huge",
    (response) => {
      response.writeHead(200, eventStream).write(Buffer.concat(hi));
      setTimeout(() => response.end(Buffer.from([0x7f, 0, 0, 0, ...Buffer.alloc(64)])), 50);
    },
  ],
  [
    "a compressed stream",
    (response) =>
      void response
        .writeHead(200, { ...eventStream, "content-encoding": "gzip" })
        .end(gzipSync(Buffer.concat([...hi, ...end]))),
  ],
  [
    "a cut",
    (response) => {
      response.writeHead(200, eventStream).write(Buffer.concat(hi));
      setTimeout(() => response.destroy(), 50);
    },
  ],
  [
    "a cut after the head",
    (response) => {
      response.writeHead(200, eventStream).flushHeaders();
      setTimeout(() => response.destroy(), 50);
    },
  ],
  ["a reset before the head", (response) => void response.socket?.resetAndDestroy()],
];

const sse = (told: object, finish_reason: string | null = null): string =>
  `data: ${JSON.stringify({ choices: [{ delta: told, finish_reason }] })}\n\n`;
const text =
  sse({ content: "grüß" }) + sse({ content: " 👋" }) + sse({}, "stop") + "data: [DONE]\n\n";
const part = (bytes: string | Buffer): Buffer => bytesFrame("PayloadPart", Buffer.from(bytes));
const tellsVariant = {
  ...eventStream,
  "x-amzn-sagemaker-content-type": "application/jsonlines",
  "x-amzn-invoked-production-variant": "blue",
};

/** What may come in place of a stream of SageMaker. */
export const partCases: readonly Case[] = [
  ...refusals,
  ["parts", streamed(part(text))],
  [
    "parts that split characters",
    streamed(...[...Buffer.from(text)].map((byte) => part(Buffer.from([byte])))),
  ],
  [
    "JSON lines and a variant",
    (response) =>
      void response
        .writeHead(200, tellsVariant)
        .end(part(text.replaceAll("data: ", "").replace("[DONE]", ""))),
  ],
  ["an event that nobody knows", streamed(bytesFrame("Later", Buffer.from("x")), part(text))],
  ...["ModelStreamError", "InternalStreamFailure", "ThrottlingException"].flatMap(
    (type): Case[] => [
      [
        `${type} first`,
        streamed(exceptionFrame(type, { Message: "no", ErrorCode: "StreamBroken" })),
      ],
      [
        `${type} in the midst`,
        streamed(part(sse({ content: "Hi" })), exceptionFrame(type, { Message: "no" })),
      ],
      [
        `${type} as an event`,
        streamed(part(sse({ content: "Hi" })), eventFrame(type, { Message: "no" }), part(text)),
      ],
    ],
  ),
  ["a wrong checksum", streamed(part(sse({ content: "Hi" })), spoilChecksum(part(text)))],
  ["a clean end", streamed(part(sse({ content: "Hi" })))],
  ["nothing", streamed()],
];

const reply = {
  choices: [{ message: { role: "assistant", content: "Hi" }, finish_reason: "stop" }],
  usage: { prompt_tokens: 1, completion_tokens: 1 },
};

/** What may come in place of a whole answer of SageMaker. */
export const invocationCases: readonly Case[] = [
  ...refusals,
  ["text", whole(reply)],
  ["a variant", whole(reply, 200, { "x-amzn-invoked-production-variant": "blue" })],
  ["no body", whole("")],
  ["no JSON", whole("{")],
  [
    "a compressed answer",
    whole(gzipSync(JSON.stringify(reply)), 200, { "content-encoding": "gzip" }),
  ],
];

/** What may come in place of embeddings of Titan. */
export const embeddingCases: readonly Case[] = [
  ...refusals,
  ["a vector", whole({ embedding: [1, 2, 3], inputTextTokenCount: 4 })],
  [
    "a count in a header",
    whole({ embedding: [1, 2, 3] }, 200, { "x-amzn-bedrock-input-token-count": "9" }),
  ],
  ["no vector", whole({})],
  ["no body", whole("")],
  ["no JSON", whole("{")],
];
