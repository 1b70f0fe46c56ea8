import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startChromium, type TestBrowser } from "../../support/chromium.ts";
import { startLocal, type Local } from "../../support/start-local.ts";

const token = "a-token-of-some-length";
/** Reaches this machine, and is no name of loopback to a router: as an address from afar is not. */
const adminHost = "127.0.0.2";

let browser: TestBrowser;
let local: Local;

beforeAll(async () => {
  browser = await startChromium();
  local = await startLocal({ settings: { adminHost, adminToken: token } });
});

afterAll(async () => {
  await browser.close();
  await local.stop();
});

describe("the console away from loopback", () => {
  it("lets a person in who shows the token, and keeps it from addresses and scripts", async () => {
    const { page, asked, complaints } = await browser.open();
    await page.goto(`${local.adminUrl}/console`);
    expect(await page.innerText("main")).toContain("admin token");
    expect(await page.content()).not.toContain("What is wrong now");
    await page.fill("input[name=token]", "not-the-token-at-all");
    await page.click("text=Enter");
    expect(await page.innerText("[role=alert]")).toContain("not this router's admin token");

    await page.fill("input[name=token]", token);
    await page.keyboard.press("Enter");
    await page.waitForSelector("#wrong");
    expect(new URL(page.url()).pathname).toBe("/console");
    expect(asked.join(" ")).not.toContain(token);
    expect(await page.evaluate("document.cookie")).toBe("");
    const [cookie] = await page.context().cookies();
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: "Strict", path: "/console" });
    expect(cookie?.value).not.toContain(token);
    expect(local.log.join("\n")).not.toContain(token);

    // It goes on refreshing within its session, and not after it.
    const before = asked.length;
    await expect.poll(() => asked.length, { timeout: 20_000 }).toBeGreaterThan(before);
    expect(complaints.filter((each) => !each.includes("status of 401"))).toEqual([]);
    await page.click("text=End the session");
    await page.waitForSelector("input[name=token]");
    await page.goto(`${local.adminUrl}/console/data.json`);
    expect(await page.innerText("body")).toContain("admin token as a bearer");
    await page.context().close();
  });

  it("goes back to the token's form where a session has ended meanwhile", async () => {
    const { page } = await browser.open();
    await page.goto(`${local.adminUrl}/console`);
    await page.fill("input[name=token]", token);
    await page.keyboard.press("Enter");
    await page.waitForSelector("#wrong");
    await page.context().clearCookies();
    await page.waitForSelector("input[name=token]", { timeout: 30_000 });
    await page.context().close();
  });
});
