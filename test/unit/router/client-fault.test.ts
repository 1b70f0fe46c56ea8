import { describe, expect, it } from "vitest";
import { ApiError, apiErrors, type ApiErrorCode } from "../../../src/openai/index.ts";
import { ProviderError, type ProviderErrorCode } from "../../../src/providers/index.ts";
import { providerErrors } from "../../../src/providers/provider-error.ts";
import { AdmissionRefused } from "../../../src/router/admit-stage.ts";
import { ChainFailed } from "../../../src/router/answer-stage.ts";
import { clientFault } from "../../../src/router/client-fault.ts";
import { ClientGone } from "../../../src/router/client-gone.ts";
import { mostTelling } from "../../../src/router/most-telling.ts";
import { attemptAt, failedAt } from "./attempts.ts";

const providerCodes = Object.keys(providerErrors) as ProviderErrorCode[];
const failure = (code: ProviderErrorCode, retryAfterMs?: number) =>
  new ProviderError(code, `Words about ${code}`, { retryAfterMs });

describe("the most telling error", () => {
  it.each(providerCodes)("knows a rank for %s", (code) => {
    // One without a rank would come before all others.
    expect(mostTelling([failure(code), failure("context_overflow")])?.code).toBe(
      "context_overflow",
    );
  });

  it.each<[ProviderErrorCode[], ProviderErrorCode]>([
    [["throttled", "access_denied"], "throttled"],
    [["access_denied", "throttled"], "throttled"],
    [["internal", "context_overflow", "throttled"], "context_overflow"],
    [["connection_failed", "unavailable"], "unavailable"],
    [["model_not_found", "timeout"], "timeout"],
    [["access_denied"], "access_denied"],
  ])("of %j is %s", (codes, expected) => {
    expect(mostTelling(codes.map((code) => failure(code)))?.code).toBe(expected);
  });

  it("is the later of equals", () => {
    const [earlier, later] = [failure("timeout"), failure("timeout")];
    expect(mostTelling([earlier, later])).toBe(later);
  });

  it("is none where nothing failed", () => {
    expect(mostTelling([])).toBeUndefined();
  });
});

describe("what a client is told", () => {
  it.each(Object.keys(apiErrors) as ApiErrorCode[])("of %s of the router's own", (code) => {
    const { status, facts, headers } = clientFault(
      new ApiError(code, "What is wrong", { param: "model", headers: { "retry-after": "1" } }),
    );
    expect({ status, type: facts.type }).toEqual(apiErrors[code]);
    expect(facts).toMatchObject({ code, message: "What is wrong", param: "model" });
    expect(headers).toEqual({ "retry-after": "1" });
  });

  it.each(providerCodes)("of %s of a provider, alone and as the end of a chain", (code) => {
    const { status, type, clientCode } = providerErrors[code];
    const attempts = [failedAt("nova", code)];
    const error = attempts[0]!.error!;
    for (const thrown of [error, new ChainFailed([error])]) {
      const fault = clientFault(thrown, attempts);
      expect(fault.status).toBe(status);
      expect(fault.facts).toMatchObject({ type, code: clientCode, message: error.message });
      expect(fault.facts.attempts).toEqual([{ backend: "nova", code, message: error.message }]);
    }
  });

  it("of a field that a provider cannot take names the field", () => {
    const param = "messages[0].content[1].image_url.url";
    const error = new ProviderError("invalid_request", `${param} is empty`, { param });
    const { facts } = clientFault(new ChainFailed([error]), [attemptAt("a", { error })]);
    expect(facts).toMatchObject({ param, message: error.message });
  });

  it("lists every attempt that failed, in order", () => {
    const attempts = [failedAt("a", "throttled"), failedAt("b", "timeout"), attemptAt("c")];
    const { facts } = clientFault(
      new ChainFailed([attempts[0]!.error!, attempts[1]!.error!]),
      attempts,
    );
    expect(facts.attempts?.map(({ backend, code }) => [backend, code])).toEqual([
      ["a", "throttled"],
      ["b", "timeout"],
    ]);
  });

  it("of a chain that had no time for an attempt is a timeout", () => {
    expect(clientFault(new ChainFailed([]))).toMatchObject({
      status: 504,
      facts: { code: "timeout" },
    });
  });

  it.each<[ProviderErrorCode, (number | undefined)[], string | undefined]>([
    ["throttled", [1_500], "2"],
    ["throttled", [9_000, 3_001], "4"],
    ["unavailable", [undefined, 2_000], "2"],
    ["throttled", [undefined], undefined],
    ["internal", [2_000], undefined],
  ])("after %s with Retry-After of %j ms is to come again in %s s", (code, waits, expected) => {
    const attempts = waits.map((ms) => attemptAt("a", { error: failure(code, ms) }));
    const { headers } = clientFault(new ChainFailed([failure(code)]), attempts);
    expect(headers["retry-after"]).toBe(expected);
  });

  it("of a refused caller is the refusal alone, not who it may be", () => {
    const refused = {
      code: "expired_api_key",
      message: "Too late",
      keyId: "key-1",
      tenant: "acme",
    } as const;
    const fault = clientFault(new AdmissionRefused(refused));
    expect(fault.status).toBe(401);
    expect(JSON.stringify(fault.facts)).not.toMatch(/acme|key-1/);
  });

  it("of its own leaving is nginx's status, for the record alone", () => {
    expect(clientFault(new ClientGone())).toMatchObject({
      status: 499,
      facts: { code: "client_closed_request" },
    });
  });

  it.each<[string, unknown]>([
    ["an error of the runtime", new TypeError("Cannot read properties of secret-text")],
    [
      "an error with a status of its own",
      Object.assign(new Error("secret-text"), { status: 200, code: "secret-text" }),
    ],
    ["an error with a cause", new Error("x", { cause: new Error("secret-text") })],
    ["a text", "secret-text"],
    ["nothing", undefined],
    ["null", null],
    [
      "an object that looks like an ApiError",
      { status: 400, code: "secret-text", message: "secret-text", headers: {} },
    ],
  ])("of %s that nobody has foreseen is a plain 500", (_what, thrown) => {
    const fault = clientFault(thrown, [attemptAt("a")]);
    expect(fault.status).toBe(500);
    expect(fault.facts.code).toBe("internal_error");
    expect(JSON.stringify(fault)).not.toContain("secret-text");
  });
});
