// Edits of the folder, as people make them, and what the running router makes of them.
import { rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Refreshed } from "../../../src/cli/folder-tables.ts";
import { makeLoadClient, type LoadClient, type Reply } from "../../support/load-client.ts";
import { backendOf, routeOf, tenantOf, type LocalResource } from "../../support/local-resources.ts";
import { startLocal, type Local } from "../../support/start-local.ts";

const key = "sy_a-key-of-the-tenant";

type Resources = Record<"micro" | "lite" | "open" | "closed" | "acme", LocalResource>;

/** Two backends, a route for all, a route for tenants, and a tenant. */
const sound = (): Resources => ({
  micro: backendOf("micro"),
  lite: backendOf("lite"),
  open: routeOf("open", ["micro", "lite"]),
  closed: routeOf("closed", ["micro"], { access: "Tenants" }),
  acme: tenantOf("acme", key),
});

let local: Local;
let client: LoadClient;

beforeEach(async () => {
  local = await startLocal({ resources: Object.values(sound()) });
  client = makeLoadClient(local.url);
});

afterEach(async () => {
  client.close();
  await local.stop();
});

/** Saves the resources, with some changed or left out, and waits until the router has looked at them. */
async function edit(
  changes: Partial<Record<string, LocalResource | undefined>>,
): Promise<Refreshed> {
  const seen = local.refreshes.length;
  const resources = Object.values({ ...sound(), ...changes }).flatMap((each) => each ?? []);
  await local.write(resources);
  return local.refreshed(() => true, seen);
}

function withSpec(resource: LocalResource, changes: object): LocalResource {
  return { ...resource, spec: { ...resource.spec, ...changes } };
}

function annotated(resource: LocalResource, annotations: Record<string, string>): LocalResource {
  return { ...resource, metadata: { ...resource.metadata, ...({ annotations } as object) } };
}

async function ask(model: string, shown?: string): Promise<Reply> {
  const headers: Record<string, string> =
    shown === undefined ? {} : { authorization: `Bearer ${shown}` };
  const messages = [{ role: "user", content: "What is 3 plus 4?" }];
  return client.post("/v1/chat/completions", { model, messages }, headers);
}

async function ready(): Promise<{ status: string; digest: string; problems: string[] }> {
  const response = await fetch(`${local.adminUrl}/readyz`);
  expect(response.status).toBe(200);
  return (await response.json()) as { status: string; digest: string; problems: string[] };
}

async function table(): Promise<{
  problems: string[];
  routes: { name: string; candidates: object[] }[];
}> {
  return (await (await fetch(`${local.adminUrl}/table`)).json()) as never;
}

/** Says the same in all three places; the terminal is what the loading was told with. */
async function expectTold(refreshed: Refreshed, ...sentences: RegExp[]): Promise<void> {
  for (const sentence of sentences) {
    expect(refreshed.problems).toContainEqual(expect.stringMatching(sentence));
  }
  expect((await ready()).problems).toEqual(refreshed.problems);
  expect((await table()).problems).toEqual(refreshed.problems);
}

async function expectMended(): Promise<void> {
  const { problems } = await edit({});
  expect(problems).toEqual([]);
  expect((await ready()).problems).toEqual([]);
  expect((await table()).problems).toEqual([]);
}

describe("an edit of a route", () => {
  it("is served with the next request", async () => {
    expect((await ask("open")).headers["x-switchyard-backend"]).toBe("micro");
    const { changed, digest } = await edit({ open: routeOf("open", ["lite"]) });
    expect(changed).toBe(true);
    const reply = await ask("open");
    expect(reply.headers["x-switchyard-backend"]).toBe("lite");
    expect(reply.headers["x-switchyard-table-digest"]).toBe(digest);
    expect((await ready()).digest).toBe(digest);
  });

  it("that a schema refuses keeps what was published, and is told with file and line", async () => {
    const { digest } = await ready();
    const broken = withSpec(routeOf("open", ["lite"]), { models: [] });
    const refreshed = await edit({ open: broken });
    expect(refreshed.changed).toBe(false);
    await expectTold(
      refreshed,
      /^resources\.yaml:\d+: ModelRoute open: spec\.models: /,
      /keeps the form/,
    );
    const reply = await ask("open");
    expect([reply.status, reply.headers["x-switchyard-backend"]]).toEqual([200, "micro"]);
    expect(reply.headers["x-switchyard-table-digest"]).toBe(digest);
    await expectMended();
  });

  it("does not hold up the edits of others", async () => {
    const broken = withSpec(routeOf("open", ["lite"]), { models: [] });
    await edit({ open: broken, closed: routeOf("closed", ["lite"], { access: "Tenants" }) });
    expect((await ask("open")).headers["x-switchyard-backend"]).toBe("micro");
    expect((await ask("closed", key)).headers["x-switchyard-backend"]).toBe("lite");
  });

  it("waits while the route is paused, and is served when it no longer is", async () => {
    const paused = { "switchyard.dev/paused": "true" };
    const refreshed = await edit({ open: annotated(routeOf("open", ["lite"]), paused) });
    await expectTold(refreshed, /ModelRoute open: .*paused/);
    expect((await ask("open")).headers["x-switchyard-backend"]).toBe("micro");
    await edit({ open: routeOf("open", ["lite"]) });
    expect((await ask("open")).headers["x-switchyard-backend"]).toBe("lite");
    expect((await ready()).problems).toEqual([]);
  });

  it("that deletes it is served at once: the model is not there any more", async () => {
    await edit({ open: undefined });
    expect((await ask("open", key)).status).toBe(404);
  });
});

describe("an edit of a backend", () => {
  it("that a schema refuses keeps what was published", async () => {
    const broken = withSpec(backendOf("micro"), { contextWindow: "wide" });
    const refreshed = await edit({ micro: broken });
    await expectTold(refreshed, /ModelBackend micro: spec\.contextWindow: /);
    const reply = await ask("open");
    expect([reply.status, reply.headers["x-switchyard-backend"]]).toEqual([200, "micro"]);
    await expectMended();
  });

  it("that deletes it takes it out of every chain at once, paused routes included", async () => {
    const paused = annotated(routeOf("open", ["micro", "lite"]), {
      "switchyard.dev/paused": "true",
    });
    const refreshed = await edit({ micro: undefined, open: paused });
    await expectTold(refreshed, /micro/);
    const { routes } = await table();
    expect(routes.flatMap(({ candidates }) => candidates)).toEqual([
      expect.objectContaining({ backend: "lite" }),
    ]);
    expect((await ask("open")).headers["x-switchyard-backend"]).toBe("lite");
    const left = await ask("closed", key);
    expect([left.status, JSON.parse(left.text)]).toMatchObject([
      503,
      { error: { code: "no_backend" } },
    ]);
    await expectMended();
    expect((await ask("closed", key)).status).toBe(200);
  });
});

describe("an edit of a tenant", () => {
  it.each<[string, (acme: LocalResource) => LocalResource, RegExp]>([
    [
      "that a schema refuses",
      (acme) => withSpec(acme, { dataClasses: "all" }),
      /TenantPolicy acme: spec\.dataClasses/,
    ],
    [
      "with a budget in a time zone that is none",
      (acme) =>
        withSpec(acme, { budgets: [{ window: "Day", usd: "5", timeZone: "Europe/Olten" }] }),
      /TenantPolicy acme: spec\.budgets\[0\]\.timeZone/,
    ],
    [
      "with a filter whose expression is none",
      (acme) =>
        withSpec(acme, {
          safety: [
            { name: "cases", type: "Pattern", pattern: { expression: "(" }, action: "Block" },
          ],
        }),
      /TenantPolicy acme: spec\.safety\[0\]\.pattern\.expression/,
    ],
  ])("%s denies its callers at once, until it is mended", async (_what, spoil, sentence) => {
    expect((await ask("closed", key)).status).toBe(200);
    const refreshed = await edit({ acme: spoil(tenantOf("acme", key)) });
    await expectTold(refreshed, sentence, /Tenant acme is denied/);
    for (const model of ["closed", "open", "nobody"]) {
      const denied = await ask(model, key);
      expect([denied.status, JSON.parse(denied.text)]).toMatchObject([
        403,
        { error: { code: "tenant_denied" } },
      ]);
    }
    expect((await ask("open")).status).toBe(200);
    await expectMended();
    expect((await ask("closed", key)).status).toBe(200);
  });

  it("that deletes it leaves its key unknown", async () => {
    await edit({ acme: undefined });
    const reply = await ask("closed", key);
    expect([reply.status, JSON.parse(reply.text)]).toMatchObject([
      401,
      { error: { code: "invalid_api_key" } },
    ]);
    await expectMended();
    expect((await ask("closed", key)).status).toBe(200);
  });

  it("that takes a key away is served at once", async () => {
    await edit({ acme: tenantOf("acme", "sy_another-key") });
    expect((await ask("closed", key)).status).toBe(401);
    expect((await ask("closed", "sy_another-key")).status).toBe(200);
  });
});

describe("a file", () => {
  it("that does not parse changes nothing, not even a tenant", async () => {
    const { digest } = await ready();
    const seen = local.refreshes.length;
    await local.write("kind: [ModelRoute");
    const refreshed = await local.refreshed(() => true, seen);
    expect(refreshed.changed).toBe(false);
    await expectTold(refreshed, /^resources\.yaml:1: This is not YAML.*stays in force\.$/);
    expect((await ready()).digest).toBe(digest);
    expect((await ask("open")).status).toBe(200);
    expect((await ask("closed", key)).status).toBe(200);
    await expectMended();
  });

  it("that holds what may have been meant for us is told, and changes nothing", async () => {
    const { digest } = await ready();
    const seen = local.refreshes.length;
    await local.write(
      "apiVersion: other.dev/v1\nkind: ModelRoute\nmetadata: {name: other}\n",
      "other.yaml",
    );
    const refreshed = await local.refreshed(() => true, seen);
    await expectTold(refreshed, /^other\.yaml:1: warning: apiVersion: This is passed over/);
    expect((await ready()).digest).toBe(digest);
    expect((await ask("open")).status).toBe(200);
    await rm(join(local.folder, "other.yaml"));
    await local.refreshed(({ problems }) => problems.length === 0, seen + 1);
  });

  it("beside the others adds to them, and takes its resources along when it goes", async () => {
    const seen = local.refreshes.length;
    await local.write([routeOf("extra", ["lite"])], "extra.yaml");
    await local.refreshed(({ changed }) => changed, seen);
    expect((await ask("extra")).status).toBe(200);
    const before = local.refreshes.length;
    await rm(join(local.folder, "extra.yaml"));
    await local.refreshed(({ changed }) => changed, before);
    expect((await ask("extra")).status).toBe(404);
  });

  it("that is renamed within the folder changes nothing", async () => {
    const { digest } = await ready();
    const seen = local.refreshes.length;
    await rename(join(local.folder, "resources.yaml"), join(local.folder, "renamed.yaml"));
    await writeFile(join(local.folder, "extra.yaml"), "# nothing yet\n");
    await local.write([routeOf("extra", ["lite"])], "extra.yaml");
    const refreshed = await local.refreshed(({ changed }) => changed, seen);
    expect(refreshed.problems).toEqual([]);
    expect(Object.keys(refreshed.table.routes)).toEqual(["closed", "extra", "open"]);
    await rm(join(local.folder, "extra.yaml"));
    await local.refreshed(({ digest: now }) => now === digest, seen + 1);
  });
});

describe("the folder", () => {
  it("may vanish and come back: the table stays, and nobody is refused", async () => {
    const { digest } = await ready();
    const seen = local.refreshes.length;
    await rename(local.folder, `${local.folder}.moved`);
    const refreshed = await local.refreshed(() => true, seen);
    await expectTold(refreshed, /cannot be read: .*stays in force/);
    expect((await ask("open")).headers["x-switchyard-table-digest"]).toBe(digest);
    await rename(`${local.folder}.moved`, local.folder);
    await local.refreshed(({ problems }) => problems.length === 0, seen + 1);
    expect((await ready()).digest).toBe(digest);
  });
});

describe("a request under way", () => {
  it("finishes on its own snapshot while the table is swapped", async () => {
    const { digest } = await ready();
    // The model holds its stream back after a few frames until the fault's time is over.
    local.simulator.faults.set({ model: "*", kind: "stall", count: 1, delayMs: 1_500 });
    const response = await fetch(`${local.url}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        model: "open",
        stream: true,
        messages: [{ role: "user", content: "Tell me a story" }],
      }),
    });
    expect(response.headers.get("x-switchyard-table-digest")).toBe(digest);
    const { digest: next } = await edit({
      open: undefined,
      micro: undefined,
      closed: undefined,
      other: routeOf("other", ["lite"]),
    });
    expect(next).not.toBe(digest);
    expect((await ask("open")).status).toBe(404);
    expect(await response.text()).toMatch(/data: \[DONE\]\n\n$/);
    const record = await local.records.of(response.headers.get("x-switchyard-request-id"));
    expect(record).toMatchObject({
      table_digest: digest,
      route: "open",
      status: 200,
      error_type: null,
    });
  });
});
