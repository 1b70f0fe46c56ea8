import { describe, expect, it } from "vitest";
import { backendOf, routeOf } from "../../support/local-resources.ts";
import { chatOf, RawConnection, rawRequest } from "../../support/raw-connection.ts";
import { startLocal } from "../../support/start-local.ts";

describe("a router that stops", () => {
  it("answers who comes once more on the connection of a stream that has just ended", async () => {
    const local = await startLocal({
      settings: { drainMs: 20_000 },
      speed: 2,
      resources: [backendOf("micro"), routeOf("one", ["micro"])],
    });
    const connection = await RawConnection.open(local);
    connection.write(rawRequest(chatOf("one", "count from 1 to 99", { stream: true })));
    await connection.contains("data: ");
    const stopped = local.stop();
    const stream = await connection.answer();
    expect(stream.text).toContain("data: [DONE]");
    connection.write(rawRequest(chatOf("one", "repeat: once more")));
    const last = await connection.answer();
    expect(last).toMatchObject({ status: 200, headers: { connection: "close" } });
    expect(last.text).toContain("once more");
    await connection.end();
    await stopped;
  });
});
