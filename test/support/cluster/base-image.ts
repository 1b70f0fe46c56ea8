import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exists, withLock } from "../cache-folder.ts";
import { runProgram } from "./run-program.ts";

const suite = "bookworm";
// npm's build of Node 26 is linked against libatomic.
const extra = "libatomic1,ca-certificates";
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

/**
 * A file system of a small Debian with this Node on its path, as a tar file that is made once and
 * kept: what the Dockerfile's own base image would be, where no registry can be reached.
 */
export async function baseFileSystem(
  cache: string,
  say: (line: string) => void,
): Promise<{ archive: string; key: string }> {
  const key = `${suite}-node-${process.versions.node}`;
  const archive = join(cache, `base-${key}.tar`);
  await withLock(join(cache, "base"), bootstrapLimitMs, async () => {
    if (!(await exists(archive))) await makeArchive(archive, say);
  });
  return { archive, key };
}

async function makeArchive(archive: string, say: (line: string) => void): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), "switchyard-base-"));
  const root = join(work, "root");
  try {
    say(`Making a base image with debootstrap, once: a minute or two …`);
    const variant = ["--variant=minbase", `--include=${extra}`];
    await runProgram("debootstrap", [...variant, suite, root, await debianMirror()], {
      limitMs: bootstrapLimitMs,
    });
    for (const folder of ballast) await rm(join(root, folder), { recursive: true, force: true });
    await copyFile(process.execPath, join(root, "usr/local/bin/node"));
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
