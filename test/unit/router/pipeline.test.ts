import { getEventListeners } from "node:events";
import type { ServerResponse } from "node:http";
import { describe, expect, it } from "vitest";
import { ApiError } from "../../../src/openai/index.ts";
import { ClientGone } from "../../../src/router/client-gone.ts";
import { serve } from "../../../src/router/pipeline.ts";
import { chatArrival, makeParts } from "../../support/router-parts.ts";
import { FakeResponse } from "./fake-response.ts";

function serving() {
  const parts = makeParts(undefined, {});
  const gone = new AbortController();
  const response = new FakeResponse();
  const served = serve(
    chatArrival(parts, { model: "any" }, gone.signal),
    () => {
      throw new ApiError("invalid_json", "The request's body is not JSON");
    },
    response as unknown as ServerResponse,
    parts,
  );
  return { gone, response, served, parts };
}

const listeners = ({ signal }: AbortController): number =>
  getEventListeners(signal, "abort").length;

describe("a request that has been answered", () => {
  it.each(["finish", "close"])("holds on to nothing once its response says %s", async (event) => {
    const { gone, response, served, parts } = serving();
    expect(listeners(gone)).toBe(1);
    response.emit(event);
    await served;
    expect(listeners(gone)).toBe(0);
    expect(parts.records.all).toHaveLength(1);
  });

  it("ends with its client, although its response says nothing", async () => {
    const { gone, served, parts } = serving();
    gone.abort(new ClientGone());
    await served;
    expect(parts.records.all[0]?.client_aborted).toBe(true);
  });
});
