import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startChromium, type TestBrowser, type WatchedPage } from "../../support/chromium.ts";
import type { Local } from "../../support/start-local.ts";
import { ask, hostileModel, startWithIncidents } from "./incidents.ts";
import { faintTexts } from "./faint-texts.ts";

let browser: TestBrowser;
let local: Local;

beforeAll(async () => {
  browser = await startChromium();
  local = await startWithIncidents();
});

afterAll(async () => {
  await browser.close();
  await local.stop();
});

async function openConsole(
  path = "/console",
  look: Parameters<TestBrowser["open"]>[0] = {},
): Promise<WatchedPage> {
  const watched = await browser.open(look);
  await watched.page.goto(local.adminUrl + path);
  return watched;
}

const textOf = ({ page }: WatchedPage, selector: string) => page.innerText(selector);

describe("the console in a browser", () => {
  it("loads without a complaint, and without asking anybody but the admin port", async () => {
    const watched = await openConsole();
    // The page, its files, and itself once more.
    await expect.poll(() => watched.asked.length, { timeout: 20_000 }).toBeGreaterThan(4);
    expect(new Set(watched.asked.map((url) => new URL(url).origin))).toEqual(
      new Set([local.adminUrl]),
    );
    expect(watched.complaints).toEqual([]);
    await watched.page.context().close();
  });

  it("says first what is wrong, with the route, the backend and the cause", async () => {
    const watched = await openConsole();
    const wrong = await textOf(watched, "#wrong");
    expect(wrong).toMatch(/Urgent.*Route lone has no candidate that is ready: haiku is ejected/);
    expect(wrong).toMatch(/Urgent.*Route lone answers 100 % of its 12 requests/);
    expect(wrong).toMatch(/backend haiku answers with errors of its model \(model_error\)/);
    expect(wrong).toMatch(
      /Warning.*Backend micro .* has been ejected for .*: one call after the other failed.*Route assistant: others serve/,
    );
    expect(wrong).toMatch(/Warning.*Tenant acme has spent .* its month budget/);
    expect(wrong.indexOf("Urgent")).toBeLessThan(wrong.indexOf("Warning"));
    await watched.page.context().close();
  });

  it("shows the state of routes, backends, latency and spend", async () => {
    const watched = await openConsole();
    const row = (section: string, name: string) =>
      textOf(watched, `#${section} tr[data-key="${name}"]`);
    expect(await row("routes", "lone")).toMatch(/down[\s\S]*0 of 1/);
    expect(await row("routes", "assistant")).toMatch(/degraded[\s\S]*1 of 2[\s\S]*micro ejected/);
    expect(await row("routes", "healthy")).toMatch(/ok/);
    expect(await row("backends", "micro")).toMatch(
      /ejected[\s\S]*consecutive failures; next probe in/,
    );
    expect(await row("backends", "pro")).toMatch(/ready/);
    expect(await row("latency", "healthy/pro")).toMatch(/10[\s\S]*ms \/ /);
    expect(await row("spend", "acme")).toMatch(/4[\s\S]*month budget: .* of \$0.000001/);
    await watched.page.context().close();
  });

  it("shows markup that a client has sent as the text that it is", async () => {
    const watched = await openConsole("/console?all=yes");
    expect(await textOf(watched, "#requests")).toContain(hostileModel);
    expect(await watched.page.locator("img, script:not([src])").count()).toBe(0);
    expect(watched.complaints).toEqual([]);
    await watched.page.context().close();
  });

  it("follows what happens without being loaded anew, and without losing what is typed", async () => {
    const watched = await openConsole();
    const { page } = watched;
    await page.fill("input[name=id]", "req_");
    await ask(local, "healthy");
    await expect
      .poll(() => textOf(watched, '#latency tr[data-key="healthy/pro"]'), { timeout: 20_000 })
      .toContain("11");
    expect(await page.inputValue("input[name=id]")).toBe("req_");
    expect(await page.evaluate("document.activeElement?.getAttribute('name')")).toBe("id");
    expect(await page.evaluate("performance.getEntriesByType('navigation').length")).toBe(1);
    await page.context().close();
  });

  it("filters by outcome and id as one types, and keeps the filter in the address", async () => {
    const watched = await openConsole();
    const { page } = watched;
    const outcomes = async () => {
      const texts = await page.locator("#requests tbody tr td:nth-child(2)").allInnerTexts();
      return [...new Set(texts.map((text) => text.replaceAll(/[^a-z ]/g, "").trim()))];
    };
    await page.selectOption("select[name=outcome]", "failed");
    await expect.poll(outcomes, { timeout: 10_000 }).toEqual(["failed"]);
    expect(page.url()).toContain("outcome=failed");
    const wanted = await page.locator("#requests tbody tr").first().getAttribute("data-key");
    await page.fill("input[name=id]", wanted ?? "");
    await expect
      .poll(() => page.locator("#requests tbody tr").count(), { timeout: 10_000 })
      .toBe(1);
    await page.reload();
    expect(await page.locator("#requests tbody tr").count()).toBe(1);
    await page.context().close();
  });

  it("explains a request: who could serve it, what was tried and why", async () => {
    const watched = await openConsole("/console?outcome=fallback");
    const { page } = watched;
    await page.locator("#requests tbody tr th a").first().click();
    await page.waitForSelector("#request");
    const told = await textOf(watched, "#request");
    expect(told).toMatch(/200 by lite after a fallback \(ServerError\)/);
    expect(told).toMatch(/micro[\s\S]*model error[\s\S]*lite[\s\S]*answered/);
    expect(told).toContain("The route's author put it first");
    expect(await page.locator("#request .stretch").count()).toBe(2);
    expect(watched.complaints).toEqual([]);
    await page.context().close();
  });

  it.each(["light", "dark"] as const)(
    "fits a phone and a laptop and can be read (%s)",
    async (scheme) => {
      const grounds: unknown[] = [];
      for (const width of [390, 1280]) {
        const watched = await openConsole("/console?outcome=fallback", { width, scheme });
        const { page } = watched;
        await page.locator("#requests tbody tr th a").first().click();
        await page.waitForSelector("#request");
        expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
        expect(await faintTexts(page)).toEqual([]);
        grounds.push(await page.evaluate("getComputedStyle(document.body).backgroundColor"));
        await page.context().close();
      }
      expect(new Set(grounds)).toEqual(
        new Set([scheme === "light" ? "rgb(255, 255, 255)" : "rgb(18, 22, 26)"]),
      );
    },
  );

  it("is all within reach of a keyboard", async () => {
    const watched = await openConsole();
    const { page } = watched;
    const reached: string[] = [];
    for (let step = 0; step < 200; step += 1) {
      await page.keyboard.press("Tab");
      const name = await page.evaluate<string>(
        "document.activeElement?.getAttribute('href') ?? document.activeElement?.getAttribute('name') ?? document.activeElement?.id ?? ''",
      );
      reached.push(name);
      if (name.includes("request=req_")) break;
    }
    expect(reached[0]).toBe("#main");
    expect(reached).toEqual(
      expect.arrayContaining([
        "/console",
        "/console?scope=group",
        "pause",
        "#requests",
        "route",
        "outcome",
        "id",
      ]),
    );
    await page.keyboard.press("Enter");
    await page.waitForSelector("#request");
    await page.context().close();
  });

  it("tells assistive technology what its parts are", async () => {
    const { page } = await openConsole();
    for (const role of ["banner", "main", "contentinfo", "search"] as const)
      expect(await page.getByRole(role).count(), role).toBe(1);
    expect(await page.getByRole("region", { name: "What is wrong now" }).count()).toBe(1);
    const table = page.getByRole("table").first();
    expect(await table.getByRole("columnheader").count()).toBeGreaterThan(4);
    expect(await table.getByRole("rowheader").count()).toBe(4);
    const unnamed = await page.locator("svg[role=img]:not([aria-label])").count();
    expect(unnamed).toBe(0);
    await page.context().close();
  });

  it("asks nothing while nobody looks, and again once somebody does", async () => {
    const watched = await browser.open();
    const { page, asked } = watched;
    // Time stands still but for what the test lets pass.
    await page.clock.install();
    await page.goto(`${local.adminUrl}/console`);
    const hide = (hidden: boolean) =>
      page.evaluate(
        `Object.defineProperty(document, "hidden", { value: ${hidden}, configurable: true }); document.dispatchEvent(new Event("visibilitychange"))`,
      );
    await hide(true);
    const before = asked.length;
    await page.clock.runFor(60_000);
    expect(asked.length).toBe(before);
    await hide(false);
    await page.clock.runFor(10);
    await expect.poll(() => asked.length).toBeGreaterThan(before);
    await page.context().close();
  });

  it("says so when the router does not answer any more", async () => {
    const watched = await openConsole();
    await watched.page.route("**/console*", (route) => route.abort());
    await expect
      .poll(() => textOf(watched, "#refresh"), { timeout: 20_000 })
      .toContain("Not refreshed since");
    await watched.page.unroute("**/console*");
    await expect
      .poll(() => textOf(watched, "#refresh"), { timeout: 20_000 })
      .not.toContain("Not refreshed since");
    await watched.page.context().close();
  });

  it("works where scripts do not", async () => {
    const watched = await openConsole("/console", { scripts: false });
    const { page } = watched;
    await page.selectOption("select[name=route]", "healthy");
    await page.click("text=Filter");
    expect(page.url()).toContain("route=healthy");
    expect(await textOf(watched, "#found")).toMatch(/^1\d of the last/);
    await page.context().close();
  });
});
