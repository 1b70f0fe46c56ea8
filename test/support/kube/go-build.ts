import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { err, ok, type Result } from "../../../src/lib/index.ts";
import { isRunning } from "../cache-folder.ts";
import { recipeOf, type BinaryName } from "./binary-recipes.ts";

const tools = resolve(import.meta.dirname, "../../../tools");

/** The slowest took seven minutes on two cores that had other work; downloading comes on top. */
export const buildLimitMs = 40 * 60_000;
const heartbeatMs = 30_000;

export interface BuildSettings {
  environment: NodeJS.ProcessEnv;
  /** Takes one line of progress. */
  say: (line: string) => void;
}

function buildFlags(name: BinaryName): string[] {
  const { variables = {}, tags = [] } = recipeOf(name);
  const settings = Object.entries(variables).map(([variable, value]) => `-X ${variable}=${value}`);
  const tagged = tags.length === 0 ? [] : ["-tags", tags.join(",")];
  return [
    "-trimpath",
    "-buildvcs=false",
    ...tagged,
    "-ldflags",
    ["-s", "-w", ...settings].join(" "),
  ];
}

/** Where a binary stands in a cache folder: the path changes with whatever would change the binary. */
export async function cachedPath(cache: string, name: BinaryName): Promise<string> {
  const { module } = recipeOf(name);
  const folder = join(tools, module);
  const hash = createHash("sha256").update(buildFlags(name).join(" "));
  const sources = (await readdir(folder)).filter((file) => /\.(go|mod|sum)$/.test(file));
  for (const file of sources.toSorted())
    hash.update(file).update(await readFile(join(folder, file)));
  return join(cache, `${module}-${hash.digest("hex").slice(0, 12)}`, name);
}

/**
 * Builds a binary with the machine's Go. It appears at `target` whole or not at all.
 */
export async function buildBinary(
  name: BinaryName,
  target: string,
  settings: BuildSettings,
): Promise<Result<string, string>> {
  const { environment, say } = settings;
  const startedAt = performance.now();
  const seconds = (): string => ((performance.now() - startedAt) / 1_000).toFixed(0);
  say(`Building ${name} from Go, once: minutes where Go's own cache is empty …`);
  const heartbeat = setInterval(() => say(`… ${name}: ${seconds()} s`), heartbeatMs);
  try {
    await clearLeftovers(target);
    const unfinished = join(dirname(target), `.${name}.${process.pid}.tmp`);
    const complaint = await runGo(name, unfinished, environment);
    if (complaint !== undefined) {
      await rm(unfinished, { force: true });
      say(`Gave up ${name} after ${seconds()} s`);
      return err(complaint);
    }
    await rename(unfinished, target);
    say(`Built ${name} in ${seconds()} s`);
    return ok(target);
  } finally {
    clearInterval(heartbeat);
  }
}

/** Removes what builds left half made whose process has been killed. */
async function clearLeftovers(target: string): Promise<void> {
  const folder = dirname(target);
  await mkdir(folder, { recursive: true });
  for (const file of await readdir(folder)) {
    const pid = /^\.(.+)\.(\d+)\.tmp$/.exec(file);
    if (pid?.[1] !== basename(target) || isRunning(Number(pid[2]))) continue;
    await rm(join(folder, file), { force: true });
  }
}

/** What went wrong, in words for a person; nothing where the binary was made. */
function runGo(
  name: BinaryName,
  output: string,
  environment: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  const { module, package: main } = recipeOf(name);
  const child = spawn("go", ["build", ...buildFlags(name), "-o", output, main], {
    cwd: join(tools, module),
    // What a person has set for their own Go work must not change what is built here.
    env: {
      ...environment,
      CGO_ENABLED: "0",
      GOFLAGS: "",
      GOWORK: "off",
      GOOS: undefined,
      GOARCH: undefined,
    },
    stdio: ["ignore", "ignore", "pipe"],
    timeout: buildLimitMs,
    killSignal: "SIGKILL",
  });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-4_000);
  });
  const { promise, resolve: settle } = Promise.withResolvers<string | undefined>();
  child.on("error", (error: NodeJS.ErrnoException) =>
    settle(error.code === "ENOENT" ? "there is no go on the PATH" : error.message),
  );
  child.on("close", (code, signal) => {
    const ending = signal === null ? `ended with ${code}` : `was stopped by ${signal}`;
    const last = said.trim().split("\n").slice(-5).join("\n");
    settle(code === 0 ? undefined : `go build ${ending}:\n${last}`);
  });
  return promise;
}
