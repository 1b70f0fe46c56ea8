import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { kubeErrorOf } from "../../../src/kube/kube-error.ts";

const status = (words: object) => JSON.stringify({ kind: "Status", ...words });

describe("reading what the API server answers", () => {
  it.each([
    [400, "BadRequest", true],
    [401, "Unauthorized", false],
    [403, "Forbidden", true],
    [404, "NotFound", false],
    [409, "Conflict", false],
    [410, "Expired", false],
    [413, "BadRequest", true],
    [415, "BadRequest", true],
    [422, "Invalid", true],
    [429, "TooManyRequests", false],
    [500, "Unavailable", false],
    [503, "Unavailable", false],
    [302, "Unavailable", false],
  ])("takes %i for %s", (code, expected, permanent) => {
    const error = kubeErrorOf(code, status({ message: "words" }));
    expect(error).toMatchObject({ code: expected, status: code, message: "words", permanent });
  });

  it("tells an object that is there already from a conflict", () => {
    expect(kubeErrorOf(409, status({ reason: "AlreadyExists" })).code).toBe("AlreadyExists");
  });

  it("knows the 500 that stands for a field that the schema has not", () => {
    const message =
      "failed to create typed patch object (shop/a; v1, Kind=ConfigMap): .dat: field not declared";
    expect(kubeErrorOf(500, status({ message }))).toMatchObject({
      code: "Invalid",
      permanent: true,
    });
  });

  it("takes an immutable uid, which another object of that name has, for a conflict", () => {
    const causes = [{ reason: "FieldValueInvalid", field: "metadata.uid", message: "immutable" }];
    const error = kubeErrorOf(422, status({ reason: "Invalid", details: { causes } }));
    expect(error).toMatchObject({ code: "Conflict", permanent: false });
  });

  it("keeps the causes, which name fields and managers", () => {
    const causes = [{ reason: "FieldManagerConflict", field: ".spec", message: "conflict with x" }];
    expect(kubeErrorOf(409, status({ details: { causes } })).causes).toEqual(causes);
  });

  it.each([
    ["the header", "{}", "3", 3_000],
    ["the body", status({ details: { retryAfterSeconds: 2 } }), "3", 2_000],
    ["neither", "{}", null, undefined],
    ["an empty header", "{}", "", undefined],
    ["a date", "{}", "Wed, 21 Oct 2026 07:28:00 GMT", undefined],
    ["a negative number", "{}", "-1", undefined],
  ])("reads how long to wait from %s", (_, body, header, expected) => {
    expect(kubeErrorOf(429, body, header).retryAfterMs).toBe(expected);
  });

  it.each([
    ["", "HTTP 502"],
    ["<html>Bad gateway</html>", "<html>Bad gateway</html>"],
    [`"${"x".repeat(300)}"`, `"${"x".repeat(199)}`],
    ['{"message":7,"reason":{}}', '{"message":7,"reason":{}}'],
    ["null", "null"],
  ])("quotes %j, which is no Status", (body, message) => {
    expect(kubeErrorOf(502, body)).toMatchObject({ code: "Unavailable", message, causes: [] });
  });

  it("makes an error of any JSON", () => {
    const field = fc.oneof(
      fc.jsonValue(),
      fc.record({ causes: fc.jsonValue(), retryAfterSeconds: fc.jsonValue() }),
    );
    const body = fc.record({ message: fc.jsonValue(), reason: fc.jsonValue(), details: field });
    fc.assert(
      fc.property(fc.integer({ min: 300, max: 599 }), body, (code, value) => {
        const error = kubeErrorOf(code, JSON.stringify(value));
        expect(typeof error.message).toBe("string");
        expect(Array.isArray(error.causes)).toBe(true);
      }),
    );
  });
});
