// A real browser for tests: Debian's Chromium, headless, driven by playwright-core.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type Browser, type Page } from "playwright-core";
import { ensureDebianPackages, systemPath } from "./cluster/packages.ts";

const program = "/usr/bin/chromium";

export interface WatchedPage {
  page: Page;
  /** What the page complained of: its console's errors and warnings, and what it threw. */
  complaints: string[];
  /** Every address that was asked for. */
  asked: string[];
}

export interface TestBrowser {
  /** A page with cookies and storage of its own. */
  open(options?: Look): Promise<WatchedPage>;
  close(): Promise<void>;
}

interface Look {
  width?: number;
  height?: number;
  scheme?: "light" | "dark";
  /** Whether the page's own scripts run. */
  scripts?: boolean;
}

/**
 * Starts Chromium, installing it first where the machine has none.
 *
 * @throws Error for a person, where it is missing and cannot be installed
 */
export async function startChromium(): Promise<TestBrowser> {
  const say = (line: string) => void process.stderr.write(`${line}\n`);
  await ensureDebianPackages({ chromium: program }, say);
  const home = await mkdtemp(join(tmpdir(), "switchyard-chromium-"));
  const browser = await chromium.launch({
    executablePath: program,
    // Tests run as root, which Chromium's sandbox refuses, and in containers with little shared memory.
    args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
    env: { ...process.env, HOME: home, PATH: systemPath() },
    timeout: 60_000,
  });
  return {
    open: (look = {}) => open(browser, look),
    close: async () => {
      await browser.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}

async function open(browser: Browser, look: Look): Promise<WatchedPage> {
  const { width = 1280, height = 800, scheme = "light", scripts = true } = look;
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: scheme,
    javaScriptEnabled: scripts,
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  const asked: string[] = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("dialog", (dialog) => {
    complaints.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("request", (request) => asked.push(request.url()));
  return { page, complaints, asked };
}
