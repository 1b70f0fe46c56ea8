import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { connect } from "node:net";
import { setImmediate as nextTurn, setTimeout as wait } from "node:timers/promises";
import { describe, expect, it, vi } from "vitest";
import { eventFrame } from "../../../src/simulators/event-stream.ts";
import { transports } from "../../support/bedrock-backend.ts";
import { drain, failing } from "./contract/harness.ts";
import {
  answerWell,
  askThrough,
  closing,
  credentials,
  listenWithoutAccepting,
  providerAt,
  refuse,
  reply,
  serve,
  timeouts,
} from "./upstream.ts";

// What the AWS SDK does by default, or any client may, and a router must not: each test fails where a
// transport falls into it.

describe.each(transports)("%s: calls go through %s so that", (transport) => {
  const ask = (overrides?: Parameters<typeof askThrough>[1]) => askThrough(transport, overrides);

  it("it speaks HTTP/1.1, asks for nothing compressed, and keeps its connections", async () => {
    const { url, requests, sockets } = await serve(answerWell);
    const provider = providerAt(url);
    for (let count = 0; count < 5; count += 1) {
      await provider.chat(ask());
      // As no client asks again within the turn in which it was answered.
      await nextTurn();
    }
    expect(requests.map(({ httpVersion }) => httpVersion)).toEqual(Array(5).fill("1.1"));
    expect(requests[0]?.headers["accept-encoding"]).toBe("identity");
    expect(sockets.size).toBe(1);
  });

  it("a stream that ends a little after its last frame leaves its connection for the next", async () => {
    const usage = { inputTokens: 1, outputTokens: 1, totalTokens: 2 };
    const ended: Promise<void>[] = [];
    const { url, sockets } = await serve((_request, response) => {
      response.writeHead(200, { "content-type": "application/vnd.amazon.eventstream" });
      response.write(
        eventFrame("contentBlockDelta", { contentBlockIndex: 0, delta: { text: "Hi" } }),
      );
      response.write(eventFrame("messageStop", { stopReason: "end_turn" }));
      response.write(eventFrame("metadata", { usage, metrics: { latencyMs: 1 } }));
      ended.push(once(response, "close").then(() => undefined));
      setTimeout(() => response.end(), 50);
    });
    const provider = providerAt(url);
    for (let count = 0; count < 3; count += 1) {
      const { frames } = await provider.streamChat(ask());
      await Array.fromAsync(frames);
      await ended[count];
      // The client reads the end a little after the server has written it.
      await wait(20);
    }
    expect(sockets.size).toBe(1);
  });

  it("more calls run at once than its default of fifty sockets", async () => {
    const waiting: ServerResponse[] = [];
    const { url } = await serve((_request, response) => void waiting.push(response));
    const provider = providerAt(url);
    const calls = Array.from({ length: 80 }, async () => provider.chat(ask()));
    await vi.waitFor(() => expect(waiting).toHaveLength(80), 10_000);
    for (const response of waiting) response.end(reply);
    expect(await Promise.all(calls)).toHaveLength(80);
  });

  it.each([
    ["ThrottlingException", 429, "throttled"],
    ["InternalServerException", 500, "internal"],
    ["ServiceUnavailableException", 503, "unavailable"],
  ] as const)("%s is not tried again behind the router's back", async (name, status, code) => {
    const { url, requests } = await serve((_request, response) => refuse(response, status, name));
    await expect(providerAt(url).chat(ask())).rejects.toEqual(failing(code));
    expect(requests).toHaveLength(1);
  });

  it("a reset connection is not tried again either, nor taken for a timeout", async () => {
    const { url, requests } = await serve((request) => request.socket.resetAndDestroy());
    await expect(providerAt(url).chat(ask())).rejects.toEqual(failing("connection_failed"));
    expect(requests).toHaveLength(1);
  });

  it("a server that never answers ends in an error, and is left", async () => {
    const left = Promise.withResolvers<void>();
    const { url } = await serve(
      (request) => void request.socket.once("close", () => left.resolve()),
    );
    const call = ask(timeouts({ totalMs: 100 }));
    await expect(providerAt(url).chat(call)).rejects.toEqual(failing("timeout"));
    await left.promise;
  });

  it("a server that does not take its connection ends in an error", async () => {
    const port = await listenWithoutAccepting();
    // Two connections fill the queue of those that wait; the next is left without an answer.
    for (let count = 0; count < 2; count += 1) {
      const filler = connect(port, "127.0.0.1").on("error", () => undefined);
      closing.push(() => filler.destroy());
    }
    const call = ask(timeouts({ connectMs: 200, totalMs: 60_000 }));
    const provider = providerAt(`http://127.0.0.1:${port}`);
    const bounded = { ...call, signal: AbortSignal.timeout(5000) };
    await expect(provider.chat(bounded)).rejects.toEqual(failing("timeout"));
  });

  it("an answer that is no JSON is malformed, and an error page counts by its status", async () => {
    const page = "<html>Bad gateway</html>";
    const { url } = await serve((_request, response, count) => {
      response.writeHead(count === 1 ? 200 : 502, { "content-type": "text/html" }).end(page);
    });
    const provider = providerAt(url);
    await expect(provider.chat(ask())).rejects.toEqual(failing("malformed_reply"));
    await expect(provider.chat(ask())).rejects.toEqual(failing("unavailable"));
  });

  it("an inference profile's ARN is one segment of the path", async () => {
    const { url, requests } = await serve(answerWell);
    const modelId =
      "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-sonnet-4-20250514-v1:0";
    await providerAt(url).chat(ask({ target: { modelId } }));
    expect(requests[0]?.url).toBe(`/model/${encodeURIComponent(modelId)}/converse`);
  });

  it("it signs with the credentials that it is given, not with the environment's", async () => {
    vi.stubEnv("AWS_BEARER_TOKEN_BEDROCK", "a-token-of-someone-else");
    vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIDELSEWHERE");
    const { url, requests } = await serve(answerWell);
    await providerAt(url).chat(ask());
    vi.unstubAllEnvs();
    expect(requests[0]?.headers.authorization).toContain("Credential=AKIDEXAMPLE/");
  });
  it("credentials are asked for once, however many calls there are", async () => {
    const { url } = await serve(answerWell);
    const source = vi.fn(async () => credentials);
    const provider = providerAt(url, source);
    await Promise.all(Array.from({ length: 10 }, async () => provider.chat(ask())));
    await provider.chat(ask());
    expect(source).toHaveBeenCalledTimes(1);
  });

  it.each([
    ["ExpiredTokenException", "expired"],
    ["UnrecognizedClientException", "The security token included in the request is invalid."],
    ["AccessDeniedException", "The security token included in the request is expired"],
  ])("credentials are replaced once after %s, and the call is repeated", async (name, message) => {
    const { url, requests } = await serve((request, response) => {
      const fresh = request.headers.authorization?.includes("AKIDFRESH") === true;
      if (fresh) answerWell(request, response);
      else refuse(response, 403, name, message);
    });
    const source = vi.fn(async (options?: { refresh?: boolean }) =>
      options?.refresh === true ? { ...credentials, accessKeyId: "AKIDFRESH" } : credentials,
    );
    const provider = providerAt(url, source);
    expect((await provider.chat(ask())).reply.text).toBe("Hi");
    await provider.chat(ask());
    expect(requests).toHaveLength(3);
    expect(source.mock.calls).toEqual([[{}], [{ refresh: true }]]);
  });

  it("credentials that stay refused are not asked for with every call", async () => {
    const { url, requests } = await serve((_request, response) =>
      refuse(response, 403, "ExpiredTokenException"),
    );
    const source = vi.fn(async () => ({ ...credentials }));
    const provider = providerAt(url, source);
    for (let count = 0; count < 5; count += 1) {
      await expect(provider.chat(ask())).rejects.toEqual(failing("access_denied"));
    }
    expect(source).toHaveBeenCalledTimes(2);
    expect(requests).toHaveLength(6);
  });

  it("credentials are not replaced for a permission that is missing", async () => {
    const { url, requests } = await serve((_request, response) =>
      refuse(response, 403, "AccessDeniedException", "You don't have access to the model"),
    );
    const source = vi.fn(async () => credentials);
    await expect(providerAt(url, source).chat(ask())).rejects.toEqual(failing("access_denied"));
    expect(source).toHaveBeenCalledTimes(1);
    expect(requests).toHaveLength(1);
  });

  it("credentials that cannot be had are the router's failure, and tell the client nothing", async () => {
    const { url, requests } = await serve(answerWell);
    const provider = providerAt(url, async () => {
      throw new Error("no role arn:aws:iam::123456789012:role/x");
    });
    await expect(provider.chat(ask())).rejects.toMatchObject({
      code: "access_denied",
      message: expect.not.stringContaining("123456789012") as string,
    });
    const { failure } = await drain(provider.streamChat(ask()));
    expect(failure).toEqual(failing("access_denied"));
    expect(requests).toHaveLength(0);
  });

  it("credentials that never come do not hold up a client that leaves", async () => {
    const provider = providerAt("http://127.0.0.1:1", async () => new Promise(() => undefined));
    const reason = new Error("Left");
    const call = { ...ask(), signal: AbortSignal.timeout(50) };
    await expect(provider.chat(call)).rejects.toMatchObject({ name: "TimeoutError" });
    const gone = { ...ask(), signal: AbortSignal.abort(reason) };
    await expect(provider.chat(gone)).rejects.toBe(reason);
  });
});
