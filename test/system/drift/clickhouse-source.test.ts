import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, describe, expect, it } from "vitest";
import {
  type ClickHouseSettings,
  clickhouseSource,
  type HistogramSource,
} from "../../../src/drift/index.ts";
import { startClickHouse } from "../../support/drift/clickhouse.ts";
import { describeHistogramSource } from "../../support/drift/histogram-source-contract.ts";
import { scope } from "../../support/drift/planted-traffic.ts";

const endings: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const end of endings) await end();
});

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  endings.push(async () => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const answering = (status: number, body: string) => async (): Promise<HistogramSource> =>
  sourceAt(
    {
      url: await listen(
        createServer((request, response) => {
          request.resume();
          response.writeHead(status).end(body);
        }),
      ),
      timeoutMs: 500,
    },
    500,
  );
const silent = (timeoutMs: number) => async () =>
  sourceAt({ url: await listen(createServer(() => {})), timeoutMs }, timeoutMs);
const sourceAt = (settings: ClickHouseSettings, boundMs: number) =>
  clickhouseSource({ settings, scope, boundMs });

let url = "";

describeHistogramSource("ClickHouse", {
  open: async ({ records, labels }, ofScope) => {
    const engine = await startClickHouse();
    endings.push(() => engine.stop());
    ({ url } = engine);
    const lines = [...records, ...labels].map((record) => JSON.stringify(record)).join("\n");
    // As a log agent may: all of it twice.
    for (let time = 0; time < 2; time += 1)
      await engine.run("INSERT INTO switchyard_records FORMAT JSONAsString", lines);
    return clickhouseSource({ settings: { url }, scope: ofScope });
  },
  reopen: (ofScope) => clickhouseSource({ settings: { url }, scope: ofScope }),
  failing: {
    unreachable: () => sourceAt({ url: "http://127.0.0.1:1", timeoutMs: 500 }, 500),
    silent: silent(500),
    forbidden: answering(403, "Code: 516. DB::Exception: default: Authentication failed"),
    lying: answering(200, `{"route":7}\n`),
    "no ClickHouse": answering(200, "<html>Welcome</html>\n"),
    "without the table": () => sourceAt({ url, table: "no_such_table" }, 10_000),
  },
  waiting: silent(60_000),
});

describe("a table's name", () => {
  it.each(["switchyard_records; DROP TABLE switchyard_records", "a` FINAL --", "x'y"])(
    "is a name and no statement: %s",
    async (table) => {
      const source = await sourceAt({ url, table }, 10_000);
      const answer = await source.since(new AbortController().signal);
      expect(answer).toMatchObject({ ok: false });
      await source.close();
      const whole = await sourceAt({ url }, 10_000);
      expect(await whole.since(new AbortController().signal)).toMatchObject({ ok: true });
      await whole.close();
    },
  );
});
