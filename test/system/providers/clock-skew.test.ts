import type { IncomingMessage, ServerResponse } from "node:http";
import { describe, expect, it } from "vitest";
import { eventFrame } from "../../../src/simulators/event-stream.ts";
import { transports } from "../../support/bedrock-backend.ts";
import { failing } from "./contract/harness.ts";
import { answerWell, askThrough, providerAt, refuse, serve } from "./upstream.ts";

// What becomes of a call that AWS refuses because our clock is wrong, whichever transport made it.

const hourMs = 3_600_000;
const nearEnoughMs = 300_000;

const stream = Buffer.concat([
  eventFrame("messageStart", { role: "assistant" }),
  eventFrame("contentBlockDelta", { contentBlockIndex: 0, delta: { text: "Hi" } }),
  eventFrame("contentBlockStop", { contentBlockIndex: 0 }),
  eventFrame("messageStop", { stopReason: "end_turn" }),
  eventFrame("metadata", {
    usage: { inputTokens: 1, outputTokens: 1, totalTokens: 2 },
    metrics: { latencyMs: 1 },
  }),
]);

function signedAt({ headers }: IncomingMessage): number {
  const stamp = String(headers["x-amz-date"]);
  return Date.parse(stamp.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, "$1-$2-$3T$4:$5:$6Z"));
}

function answerAsAsked(request: IncomingMessage, response: ServerResponse): void {
  if (request.url?.endsWith("-stream") !== true) return answerWell(request, response);
  response.writeHead(200, { "content-type": "application/vnd.amazon.eventstream" }).end(stream);
}

/** An upstream whose clock differs from ours, and which refuses what was not signed by it. */
async function serveBy(skewMs: number, refusal = "InvalidSignatureException") {
  return serve((request, response) => {
    const now = Date.now() + skewMs;
    response.setHeader("date", new Date(now).toUTCString());
    const isNear = Math.abs(signedAt(request) - now) < nearEnoughMs;
    if (isNear) answerAsAsked(request, response);
    else refuse(response, 403, refusal, "Signature expired: it is another time here");
  });
}

describe.each(transports)("%s: over %s", (transport) => {
  const ask = () => askThrough(transport);

  async function streamed(provider: ReturnType<typeof providerAt>): Promise<string> {
    const { frames } = await provider.streamChat(ask());
    let text = "";
    for await (const frame of frames) if (frame.type === "text") text += frame.text;
    return text;
  }

  it.each([hourMs, -hourMs])(
    "a clock that is %d ms out is corrected by the call that meets it, and by that one alone",
    async (skewMs) => {
      for (const isStream of [false, true]) {
        const { url, requests } = await serveBy(skewMs);
        const provider = providerAt(url);
        const once = async () =>
          isStream ? streamed(provider) : (await provider.chat(ask())).reply.text;
        expect(await once()).toBe("Hi");
        expect(requests).toHaveLength(2);
        expect(await once()).toBe("Hi");
        expect(requests).toHaveLength(3);
      }
    },
  );

  it.each(["RequestTimeTooSkewed", "SignatureDoesNotMatch", "RequestExpired"])(
    "a refusal by the name of %s is such a one",
    async (name) => {
      const { url, requests } = await serveBy(hourMs, name);
      expect(await streamed(providerAt(url))).toBe("Hi");
      expect(requests).toHaveLength(2);
    },
  );

  it("calls that meet it together are all made once more", async () => {
    const { url, requests } = await serveBy(hourMs);
    const provider = providerAt(url);
    const texts = await Promise.all(Array.from({ length: 5 }, async () => streamed(provider)));
    expect(texts).toEqual(Array.from({ length: 5 }, () => "Hi"));
    expect(requests.length).toBeGreaterThan(5);
    expect(requests.length).toBeLessThanOrEqual(10);
  });

  it("a call is made once more, and no oftener, and never for another reason", async () => {
    const cases = [
      {
        skewMs: 0,
        status: 403,
        name: "InvalidSignatureException",
        code: "access_denied",
        calls: 1,
      },
      { skewMs: hourMs, status: 500, name: "InternalServerException", code: "internal", calls: 1 },
      {
        skewMs: hourMs,
        status: 403,
        name: "AccessDeniedException",
        code: "access_denied",
        calls: 1,
      },
    ] as const;
    for (const { skewMs, status, name, code, calls } of cases) {
      const { url, requests } = await serve((_request, response) => {
        response.setHeader("date", new Date(Date.now() + skewMs).toUTCString());
        refuse(response, status, name);
      });
      await expect(providerAt(url).streamChat(ask())).rejects.toEqual(failing(code));
      expect([name, requests.length]).toEqual([name, calls]);
    }
    const { url, requests } = await serve((_request, response, count) => {
      response.setHeader("date", new Date(Date.now() + count * hourMs).toUTCString());
      refuse(response, 403, "InvalidSignatureException");
    });
    await expect(providerAt(url).chat(ask())).rejects.toEqual(failing("access_denied"));
    expect(requests).toHaveLength(2);
  });

  it("a client that leaves meanwhile has no second call made", async () => {
    const leaving = new AbortController();
    const { url, requests } = await serve((_request, response) => {
      response.setHeader("date", new Date(Date.now() + hourMs).toUTCString());
      leaving.abort(new Error("The client left"));
      refuse(response, 403, "InvalidSignatureException");
    });
    const call = { ...ask(), signal: leaving.signal };
    await expect(providerAt(url).chat(call)).rejects.toThrow("The client left");
    expect(requests).toHaveLength(1);
  });
});
