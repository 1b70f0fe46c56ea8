import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readRecords, type RequestRecord } from "../../../src/records/index.ts";
import { startSimulator } from "../../../src/simulators/index.ts";
import { backendOf, models, routeOf } from "../../support/local-resources.ts";
import { chatOf, RawConnection, rawRequest } from "../../support/raw-connection.ts";
import { errorIn, send } from "../../support/send.ts";
import { yamlOf } from "../../support/start-local.ts";
import { SwitchyardProcess } from "../../support/switchyard-process.ts";

let folder: string;
let running: SwitchyardProcess[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "switchyard-process-"));
});

afterEach(async () => {
  await Promise.all(running.map(async (each) => each.kill()));
  running = [];
  await rm(folder, { recursive: true, force: true });
});

function start(words: readonly string[], environment: Record<string, string> = {}) {
  const made = new SwitchyardProcess(words, environment);
  running.push(made);
  return made;
}

const ports = ["--port", "0", "--admin-port", "0"];
const address = /http:\/\/127\.0\.0\.1:\d+/;

/** `switchyard local` on a folder; without one on the examples, whose golden set asks nobody meanwhile. */
async function local(words: readonly string[] = [], environment: Record<string, string> = {}) {
  if (words.includes("--config")) return serve(words, environment);
  const examples = join(folder, "examples");
  await cp("test/fixtures/local", examples, { recursive: true });
  await rm(join(examples, "golden-set.yaml"));
  return serve(["--config", examples, ...words], environment);
}

async function serve(words: readonly string[], environment: Record<string, string> = {}) {
  const process = start(
    ["local", ...ports, "--record", join(folder, "records"), ...words],
    environment,
  );
  const [, url] = await process.prints(/API +(http:\/\/\S+)\/v1/);
  const [, adminUrl] = await process.prints(/admin +(http:\/\/\S+)/);
  const simulatorUrl = /simulators +(http:\/\/\S+)/.exec(process.stdout)?.[1];
  return { process, url: url!, adminUrl: adminUrl!, simulatorUrl };
}

async function refuses(url: string): Promise<boolean> {
  try {
    (await RawConnection.open({ url })).leave();
    return false;
  } catch {
    return true;
  }
}

describe("switchyard local", () => {
  it("serves on when nobody reads what it prints any more", async () => {
    const { process, url } = await local(["--speed", "1000"]);
    process.stopReading();
    const body = chatOf("assistant", "repeat: hello");
    for (let asked = 0; asked < 3; asked += 1) {
      expect(await send({ url }, { body })).toMatchObject({ status: 200 });
    }
    process.signal("SIGTERM");
    expect(await process.ended()).toMatchObject({ code: 0 });
  });

  it("serves the examples, tells each request in a line, and keeps its record", async () => {
    const { process, url, adminUrl, simulatorUrl } = await serve(["--speed", "1000"]);
    expect(simulatorUrl).toMatch(address);
    const commands = process.stdout.match(/^ {2}curl .*$/gm) ?? [];
    expect(commands).toHaveLength(3);
    await process.prints(
      /^ {2}model assistant .*; Certified: claude-sonnet-eu serves until its plan/m,
    );
    await process.prints(/^Plan for assistant certified by \d+ labels: .*$/m);
    const got = await send({ url }, { body: chatOf("assistant", "repeat: hello") });
    expect(got.status).toBe(200);
    await process.prints(/200 assistant → \S+ .* % sure\), \d+ ms, .*tokens/);
    const refused = await send({ url }, { body: chatOf("support", "Hello") });
    expect(refused.status).toBe(401);
    await process.prints(/401 support .*missing_api_key/);
    expect((await fetch(`${adminUrl}/readyz`)).status).toBe(200);
    process.signal("SIGINT");
    const { code, stdout, stderr } = await process.ended();
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).not.toMatch(/^(Loaded table|No plan)/m);
    const records: RequestRecord[] = await Array.fromAsync(readRecords(join(folder, "records")));
    const traffic = records.filter(({ arm }) => arm !== "golden");
    expect(traffic.map(({ request_id: id }) => id).toSorted()).toEqual(
      [got.requestId, refused.requestId].toSorted(),
    );
  });

  it("starts with the plan of the last start, and says neither warnings nor that nothing is certified", async () => {
    const first = await serve(["--speed", "1000"]);
    await first.process.prints(/^Plan for assistant certified/m);
    first.process.signal("SIGINT");
    await first.process.ended();
    const { process, url } = await serve(["--speed", "1000"]);
    await process.prints(/^ {2}model assistant .*; Certified by a plan until \d{4}-\d\d-\d\d$/m);
    const got = await send({ url }, { body: chatOf("assistant", "What is 17 * 23?") });
    expect(got.headers["x-switchyard-reason"]).toBe("planned");
    await process.prints(/^Plan for assistant certified/m);
    process.signal("SIGINT");
    const { code, stdout, stderr } = await process.ended();
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).not.toMatch(/^(Loaded table|No plan|Asking)/m);
  });

  it("warns where a route wants a certificate, and nothing is at hand to get one by", async () => {
    const { process } = await local(["--speed", "1000"]);
    await process.prints(/warning: ModelRoute assistant: .*no plan with a certificate/, "stderr");
    await process.prints(/; Certified, so claude-sonnet-eu comes first/);
    await process.prints(/^No plan for assistant: there are no labels$/m);
  });

  it("shows a fault and its fallback by the command that it prints", async () => {
    const { process, url, simulatorUrl } = await local(["--speed", "1000"]);
    const [, body] = await process.prints(/_control\/faults -d '(\{.*?\})' && curl/);
    const ordered = await fetch(`${simulatorUrl}/_control/faults`, { method: "POST", body: body! });
    expect(ordered.status).toBe(201);
    const got = await send({ url }, { body: chatOf("assistant", "Are you there?") });
    expect(got.headers["x-switchyard-reason"]).toBe("fallback:RateLimited");
    await process.prints(/→ \S+ \(throttled\) → \S+ .*\[fallback: RateLimited\]/);
  });

  it.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)(
    "on %s lets a stream under way end, takes no more, and ends with 0",
    async (signal) => {
      const { process, url, simulatorUrl } = await local(["--speed", "1000"]);
      await fetch(`${simulatorUrl}/_control/faults`, {
        method: "POST",
        body: JSON.stringify({ model: "*", kind: "stall", afterFrames: 10, delayMs: 1_500 }),
      });
      const raw = await RawConnection.open({ url });
      raw.write(rawRequest(chatOf("assistant", "count from 1 to 50", { stream: true })));
      await raw.contains("data: ");
      process.signal(signal);
      await process.prints(/Stopping/);
      await expect.poll(async () => refuses(url)).toBe(true);
      // What comes on a connection that is open is served, and told to look for another.
      raw.write(rawRequest(chatOf("assistant", "repeat: not too late")));
      const { text } = await raw.answer();
      expect(text).toMatch(/data: \[DONE\]\n\n$/);
      const late = await raw.answer();
      expect([late.status, late.headers["connection"]]).toEqual([200, "close"]);
      await raw.end();
      expect((await process.ended()).code).toBe(0);
    },
  );

  it("cuts off what does not end in time, and tells clients and records so", async () => {
    const { process, url, simulatorUrl } = await local(["--speed", "1000"], {
      SWITCHYARD_DRAIN_MS: "300",
    });
    await fetch(`${simulatorUrl}/_control/faults`, {
      method: "POST",
      body: JSON.stringify({ model: "*", kind: "stall", afterFrames: 10, delayMs: 60_000 }),
    });
    const raw = await RawConnection.open({ url });
    raw.write(rawRequest(chatOf("assistant", "count from 1 to 50", { stream: true })));
    await raw.contains("data: ");
    const whole = send({ url }, { body: chatOf("assistant", "Hello") });
    await expect
      .poll(async () => {
        const listed = await (await fetch(`${simulatorUrl}/_control/calls`)).json();
        return (listed as { calls: unknown[] }).calls.length;
      })
      .toBe(2);
    process.signal("SIGTERM");
    const { text } = await raw.answer();
    expect(text).not.toContain("[DONE]");
    expect(text).toMatch(/data: \{"error":\{[^\n]*"code":"shutting_down"[^\n]*\}\n\n$/);
    const got = await whole;
    expect(got.status).toBe(503);
    expect(errorIn(got).code).toBe("shutting_down");
    expect((await process.ended()).code).toBe(0);
    const records: RequestRecord[] = await Array.fromAsync(readRecords(join(folder, "records")));
    expect(
      records.map(({ status, error_type: error, client_aborted: left }) => [status, error, left]),
    ).toEqual([
      [200, "shutting_down", false],
      [503, "shutting_down", false],
    ]);
  });

  it("starts no simulator where every backend names an endpoint", async () => {
    const simulator = await startSimulator({ speed: Number.POSITIVE_INFINITY });
    try {
      const target = { endpoint: simulator.url };
      await writeFile(
        join(folder, "a.yaml"),
        yamlOf([backendOf("micro", { target }), routeOf("one", ["micro"])]),
      );
      const { accessKeyId, secretAccessKey } = simulator.credentials;
      const { process, url, simulatorUrl } = await local(["--config", folder], {
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
      });
      expect(simulatorUrl).toBeUndefined();
      const got = await send({ url }, { body: chatOf("one", "repeat: hello") });
      expect(got.status).toBe(200);
      expect(simulator.calls().map(({ model }) => model)).toEqual([models.micro]);
      process.signal("SIGTERM");
      expect((await process.ended()).code).toBe(0);
    } finally {
      await simulator.close();
    }
  });

  it("knows the key that keygen made, and no other", async () => {
    const { stdout } = await start(["keygen"]).ended();
    const [, key] = /^ +(sy_\S+)$/m.exec(stdout)!;
    const subject = stdout.slice(stdout.indexOf("  - type: ApiKey"));
    const policy = `apiVersion: switchyard.dev/v1alpha1\nkind: TenantPolicy\nmetadata:\n  name: team\nspec:\n  routes:\n    selector: {}\n  subjects:\n${subject.replaceAll(/^/gm, "  ").trimEnd()}\n`;
    const resources = yamlOf([
      backendOf("micro"),
      routeOf("one", ["micro"], { access: "Tenants" }),
    ]);
    await writeFile(join(folder, "a.yaml"), `${resources}---\n${policy}`);
    const { url } = await local(["--config", folder, "--speed", "1000"]);
    const body = chatOf("one", "repeat: hello");
    expect((await send({ url }, { body, key: key! })).status).toBe(200);
    expect((await send({ url }, { body, key: `${key}x` })).status).toBe(401);
    expect((await send({ url }, { body })).status).toBe(401);
  });
});

describe("switchyard router", () => {
  it("writes one JSON record a request to standard output, and the rest to standard error", async () => {
    const simulator = await startSimulator({ speed: Number.POSITIVE_INFINITY });
    try {
      const target = { endpoint: simulator.url };
      await writeFile(
        join(folder, "a.yaml"),
        yamlOf([backendOf("micro", { target }), routeOf("one", ["micro"])]),
      );
      const { accessKeyId, secretAccessKey } = simulator.credentials;
      const process = start(["router", "--config", folder, "--host", "127.0.0.1", ...ports], {
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
        SWITCHYARD_ADMIN_HOST: "127.0.0.1",
      });
      const url = await process.addressOf("API");
      const bodies = [chatOf("one", "repeat: hello"), chatOf("nothing", "Hello"), "{"];
      const ids: string[] = [];
      for (const body of bodies) ids.push((await send({ url }, { body })).requestId);
      process.signal("SIGTERM");
      const { code, stdout, stderr } = await process.ended();
      expect(code).toBe(0);
      const records = stdout
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as RequestRecord);
      expect(records.map(({ request_id: id, status, stream }) => [id, status, stream])).toEqual([
        [ids[0], 200, "request"],
        [ids[1], 404, "request"],
        [ids[2], 400, "request"],
      ]);
      expect(stdout).not.toContain("hello");
      for (const line of stderr.trimEnd().split("\n")) expect(() => JSON.parse(line)).not.toThrow();
      expect(stderr).not.toContain(secretAccessKey);
    } finally {
      await simulator.close();
    }
  });
});

describe("switchyard simulate", () => {
  it("says where it listens, answers, and ends with 0", async () => {
    const process = start(["simulate", "--port", "0"]);
    const [url] = await process.prints(address);
    const listed = await fetch(`${url}/_control/models`);
    expect(listed.status).toBe(200);
    process.signal("SIGTERM");
    expect((await process.ended()).code).toBe(0);
  });
});
