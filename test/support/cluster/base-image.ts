import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exists, withLock } from "../cache-folder.ts";
import { runProgram } from "./run-program.ts";

const suite = "bookworm";
const bootstrapLimitMs = 15 * 60_000;
const packLimitMs = 5 * 60_000;

/** What an image does without, and what would only make it larger to copy about. */
const ballast = [
  "var/cache/apt",
  "var/lib/apt/lists",
  "usr/share/doc",
  "usr/share/man",
  "usr/share/locale",
  "usr/share/info",
];

interface FileSystem {
  /** A tar file. */
  archive: string;
  /** Changes with what is in it. */
  key: string;
}

type Say = (line: string) => void;

/**
 * A file system of a small Debian with this Node on its path, as a tar file that is made once and
 * kept: what the Dockerfile's own base image would be, where no registry can be reached.
 */
export const baseFileSystem = (cache: string, say: Say): Promise<FileSystem> =>
  keptFileSystem(cache, say, {
    name: "base",
    key: `${suite}-node-${process.versions.node}`,
    // npm's build of Node 26 is linked against libatomic.
    packages: "libatomic1,ca-certificates",
    programs: { [process.execPath]: "usr/local/bin/node" },
  });

/** The same with Debian's Redis in it. */
export const redisFileSystem = (cache: string, say: Say): Promise<FileSystem> =>
  keptFileSystem(cache, say, {
    name: "redis-base",
    key: suite,
    packages: "redis-server",
    programs: {},
  });

interface Recipe {
  name: string;
  key: string;
  /** Debian's, with commas between them. */
  packages: string;
  /** Files of this machine, by where they are to lie. */
  programs: Readonly<Record<string, string>>;
}

async function keptFileSystem(cache: string, say: Say, recipe: Recipe): Promise<FileSystem> {
  const { name, key } = recipe;
  const archive = join(cache, `${name}-${key}.tar`);
  await withLock(join(cache, name), bootstrapLimitMs, async () => {
    if (!(await exists(archive))) await makeArchive(archive, say, recipe);
  });
  return { archive, key };
}

async function makeArchive(
  archive: string,
  say: Say,
  { name, packages, programs }: Recipe,
): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), `switchyard-${name}-`));
  const root = join(work, "root");
  try {
    say(`Making a file system with ${packages} by debootstrap, once: a minute or two …`);
    const variant = ["--variant=minbase", `--include=${packages}`];
    await runProgram("debootstrap", [...variant, suite, root, await debianMirror()], {
      limitMs: bootstrapLimitMs,
    });
    for (const folder of ballast) await rm(join(root, folder), { recursive: true, force: true });
    for (const [from, to] of Object.entries(programs)) await copyFile(from, join(root, to));
    const unfinished = `${archive}.${process.pid}.tmp`;
    await runProgram("tar", ["-C", root, "--numeric-owner", "-cf", unfinished, "."], {
      limitMs: packLimitMs,
    });
    await runProgram("mv", [unfinished, archive], { limitMs: packLimitMs });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Where this machine's own apt finds the suite: what it may reach is what it was set up with. */
async function debianMirror(): Promise<string> {
  const format = ["indextargets", "--format", "$(REPO_URI) $(RELEASE) $(COMPONENT)"];
  const listed = await runProgram("apt-get", format, { limitMs: packLimitMs });
  const sources = listed.split("\n").map((line) => line.split(" "));
  const mirror = sources.find(([, release, part]) => release === suite && part === "main")?.[0];
  if (mirror === undefined) {
    throw new Error(
      `apt has no source for Debian ${suite}: add one to /etc/apt and run apt-get update`,
    );
  }
  return mirror;
}
