import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { backendOf, routeOf } from "../../support/local-resources.ts";
import { chatOf, RawConnection, rawRequest } from "../../support/raw-connection.ts";
import { errorIn, onlyRecordOf } from "../../support/send.ts";
import { startLocal, type Local } from "../../support/start-local.ts";

const requestTimeoutMs = 600;

let local: Local;
let open: RawConnection[] = [];

beforeAll(async () => {
  local = await startLocal({
    settings: { requestTimeoutMs, maxBodyBytes: 100_000 },
    resources: [backendOf("micro"), routeOf("one", ["micro"])],
  });
});

afterEach(() => {
  for (const connection of open) connection.leave();
  open = [];
  local.heal();
});

afterAll(async () => local.stop());

async function connection(): Promise<RawConnection> {
  const made = await RawConnection.open(local);
  open.push(made);
  return made;
}

const contentOf = (text: string): string =>
  (JSON.parse(text) as { choices: { message: { content: string } }[] }).choices[0]!.message.content;

const say = (words: string, more = {}) => rawRequest(chatOf("one", `repeat: ${words}`, more));

describe("a request that does not come whole", () => {
  it("is given up in time, with its record, where silence follows half of its body", async () => {
    const raw = await connection();
    raw.write(say("hello").slice(0, -10));
    const answer = await raw.answer();
    expect(answer.status).toBe(408);
    expect(errorIn(answer).code).toBe("request_timeout");
    await raw.end();
    const record = await onlyRecordOf(local, answer.requestId!);
    expect(record).toMatchObject({
      status: 408,
      error_type: "request_timeout",
      client_aborted: false,
      attempts: [],
    });
  });

  it.each(["", "POST /v1/chat/comple", say("hello").split("\r\n\r\n")[0]!])(
    "is given up in time where silence follows %j",
    async (part) => {
      const raw = await connection();
      raw.write(part);
      const answer = await raw.answer();
      expect(answer.status).toBe(408);
      expect(errorIn(answer).code).toBe("request_timeout");
      await raw.end();
    },
  );

  it("is the client's leaving where it leaves in the middle", async () => {
    const next = local.records.next();
    const raw = await connection();
    raw.write(say("hello").slice(0, -10));
    raw.leave();
    expect(await next).toMatchObject({
      status: 499,
      error_type: "client_closed_request",
      client_aborted: true,
      attempts: [],
    });
  });

  it("is refused where its chunks are broken", async () => {
    const raw = await connection();
    raw.write(rawRequest("", { headers: { "transfer-encoding": "chunked" } }));
    raw.write('5\r\n{"mod\r\nthis is no size\r\n');
    const answer = await raw.answer();
    expect(answer.status).toBe(400);
    expect(errorIn(answer).code).toBe("invalid_request_error");
    await raw.end();
    expect(await onlyRecordOf(local, answer.requestId!)).toMatchObject({ status: 400 });
  });
});

describe("bytes that are not HTTP", () => {
  it.each([
    ["noise", "\u0000\u0001\u0002 hello\r\n\r\n"],
    ["a handshake of TLS", "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001"],
    [
      "two lengths",
      "POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n",
    ],
    [
      "a length and chunks",
      "POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n",
    ],
    ["an unknown method", "BREW /v1/models HTTP/1.1\r\nhost: a\r\n\r\n"],
  ])("get 400 in OpenAI's shape: %s", async (_what, bytes) => {
    const raw = await connection();
    raw.write(Buffer.from(bytes, "latin1"));
    const answer = await raw.answer();
    expect(answer.status).toBe(400);
    expect(errorIn(answer).type).toBe("invalid_request_error");
    await raw.end();
    expect(raw.received).toBe("");
  });

  it("never stand in the middle of an answer that is being written", async () => {
    local.simulator.faults.set({ model: "*", kind: "stall", afterFrames: 8, delayMs: 10_000 });
    const next = local.records.next();
    const raw = await connection();
    raw.write(rawRequest(chatOf("one", "count from 1 to 300", { stream: true })));
    await raw.contains("data: ");
    raw.write("this is no request\r\n\r\n");
    await raw.end();
    expect(raw.received.match(/HTTP\/1\.1 /g)).toHaveLength(1);
    expect(raw.received).not.toContain("well-formed");
    expect(await next).toMatchObject({ client_aborted: true });
  });
});

describe("requests that come in one write", () => {
  it("are answered one by one and in order", async () => {
    const words = ["one", "two", "three", "four", "five", "six", "seven", "eight"];
    const raw = await connection();
    raw.write(words.map((word) => say(word)).join(""));
    const ids = new Set<string>();
    for (const word of words) {
      const { status, text, requestId } = await raw.answer();
      expect([status, contentOf(text)]).toEqual([200, word]);
      ids.add(requestId!);
      await onlyRecordOf(local, requestId!);
    }
    expect(ids.size).toBe(words.length);
    expect(raw.received).toBe("");
  });

  it("may be streams, errors and lists in any mixture", async () => {
    const raw = await connection();
    raw.write(
      [
        say("first", { stream: true }),
        rawRequest({ model: "nothing", messages: [{ role: "user", content: "" }] }),
        "GET /v1/models HTTP/1.1\r\nhost: a\r\n\r\n",
        rawRequest("{"),
        "GET /nothing HTTP/1.1\r\nhost: a\r\n\r\n",
        say("last"),
      ].join(""),
    );
    const statuses: number[] = [];
    const texts: string[] = [];
    for (let count = 0; count < 6; count += 1) {
      const answer = await raw.answer();
      statuses.push(answer.status);
      texts.push(answer.text);
    }
    expect(statuses).toEqual([200, 404, 200, 400, 404, 200]);
    expect(texts[0]).toMatch(/data: \[DONE\]\n\n$/);
    expect(contentOf(texts[5]!)).toBe("last");
  });

  it("are all told apart in the records when the client leaves before the first answer", async () => {
    local.simulator.faults.set({ model: "*", kind: "stall", delayMs: 10_000 });
    const before = local.records.all.length;
    const raw = await connection();
    raw.write(say("one") + say("two") + say("three"));
    await expect
      .poll(() => local.simulator.calls().filter(({ finished }) => !finished).length)
      .toBe(3);
    raw.leave();
    const ended = await local.records.where(
      (record) => local.records.all.indexOf(record) >= before,
      "the three",
      3,
    );
    expect(ended.map(({ client_aborted: aborted }) => aborted)).toEqual([true, true, true]);
    await expect
      .poll(() =>
        local.simulator
          .calls()
          .slice(-3)
          .every(({ aborted }) => aborted),
      )
      .toBe(true);
  });
});

describe("a connection", () => {
  it.each([
    ["a bad body", rawRequest("{")],
    [
      "an unknown model",
      rawRequest({ model: "nothing", messages: [{ role: "user", content: "" }] }),
    ],
    ["an unknown path", rawRequest("{}", { path: "/v1/nothing" })],
    ["a wrong method", "DELETE /v1/models HTTP/1.1\r\nhost: a\r\n\r\n"],
  ])("lives on after %s", async (_what, bad) => {
    const raw = await connection();
    for (let round = 0; round < 3; round += 1) {
      raw.write(bad);
      expect((await raw.answer()).status).toBeGreaterThanOrEqual(400);
      raw.write(say("still there"));
      expect(contentOf((await raw.answer()).text)).toBe("still there");
    }
  });

  it.each(["throttling", "internal-error", "cut"] as const)(
    "lives on after a failure of the model by %s",
    async (kind) => {
      const raw = await connection();
      local.simulator.faults.set({ model: "*", kind });
      raw.write(say("hello"));
      expect((await raw.answer()).status).toBeGreaterThanOrEqual(429);
      local.heal();
      raw.write(say("well again"));
      expect(contentOf((await raw.answer()).text)).toBe("well again");
    },
  );

  it("lives on after a stream that broke", async () => {
    const raw = await connection();
    local.simulator.faults.set({ model: "*", kind: "cut", afterFrames: 6 });
    raw.write(rawRequest(chatOf("one", "count from 1 to 100", { stream: true })));
    const broken = await raw.answer();
    expect(broken.text).toContain('data: {"error":');
    expect(broken.text).not.toContain("[DONE]");
    local.heal();
    raw.write(say("well again"));
    expect(contentOf((await raw.answer()).text)).toBe("well again");
  });

  it("is told of a body that is too large, and closed, however much was still to come", async () => {
    const raw = await connection();
    raw.write(say("x".repeat(4_000_000)));
    const answer = await raw.answer();
    expect(answer.status).toBe(413);
    expect(answer.headers["connection"]).toBe("close");
    expect(errorIn(answer).code).toBe("body_too_large");
    await raw.end();
    expect(await onlyRecordOf(local, answer.requestId!)).toMatchObject({ status: 413 });
  });

  it("is told so of chunks that grow too large", async () => {
    const raw = await connection();
    raw.write(rawRequest("", { headers: { "transfer-encoding": "chunked" } }));
    const chunk = `${(50_000).toString(16)}\r\n${" ".repeat(50_000)}\r\n`;
    for (let count = 0; count < 20; count += 1) raw.write(chunk);
    const answer = await raw.answer();
    expect(answer.status).toBe(413);
    await raw.end();
    expect(await onlyRecordOf(local, answer.requestId!)).toMatchObject({ status: 413 });
  });
});

describe("the ways to send a body", () => {
  it("may be chunks that split it anywhere, inside characters too", async () => {
    const text = Buffer.from(JSON.stringify(chatOf("one", "repeat: grüße 🚂 ok")));
    const raw = await connection();
    raw.write(rawRequest("", { headers: { "transfer-encoding": "chunked" } }));
    for (const byte of text) {
      raw.write(Buffer.concat([Buffer.from("1\r\n"), Buffer.from([byte]), Buffer.from("\r\n")]));
    }
    raw.write("0\r\n\r\n");
    expect(contentOf((await raw.answer()).text)).toBe("grüße 🚂 ok");
  });

  it("may wait to be told to go on", async () => {
    const raw = await connection();
    const whole = rawRequest(chatOf("one", "repeat: after you"), {
      headers: { expect: "100-continue" },
    });
    const end = whole.indexOf("\r\n\r\n") + 4;
    raw.write(whole.slice(0, end));
    await raw.contains("HTTP/1.1 100 Continue\r\n\r\n");
    raw.received = "";
    raw.write(whole.slice(end));
    expect(contentOf((await raw.answer()).text)).toBe("after you");
  });

  it.each(["1.0", "1.1"])("may be HTTP/%s, whole and as a stream", async (version) => {
    const raw = await connection();
    raw.write(
      rawRequest(chatOf("one", "repeat: old ways"), { version, headers: { connection: "close" } }),
    );
    expect(contentOf((await raw.answer()).text)).toBe("old ways");
    await raw.end();
    const stream = await connection();
    stream.write(
      rawRequest(chatOf("one", "repeat: old ways", { stream: true }), {
        version,
        headers: { connection: "close" },
      }),
    );
    await stream.end();
    const { status, text } = await stream.answer();
    expect(status).toBe(200);
    expect(text).toMatch(/data: \[DONE\]\n\n$/);
    expect(text).toContain("old");
  });

  it("may split the head anywhere", async () => {
    const raw = await connection();
    for (const byte of say("bit by bit")) raw.write(byte);
    expect(contentOf((await raw.answer()).text)).toBe("bit by bit");
  });
});
