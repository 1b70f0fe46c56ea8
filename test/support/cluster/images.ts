import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { exists, withLock } from "../cache-folder.ts";
import { baseFileSystem, redisFileSystem } from "./base-image.ts";
import { pauseImage } from "./container-runtime.ts";
import { runProgram } from "./run-program.ts";
import { words } from "./words.ts";

/** Under which name the node knows what was built from the Dockerfile. */
export const switchyardImage = "switchyard.test/switchyard:built";
/** The same of the Dockerfile's jobs. */
export const jobsImage = "switchyard.test/switchyard-jobs:built";
/** The same of the S3-compatible store that tests keep records in. */
export const objectStoreImage = "switchyard.test/object-store:built";
/** The same of Debian's Redis. */
export const redisImage = "switchyard.test/redis:debian";

const repository = resolve(import.meta.dirname, "../../..");
const buildLimitMs = 10 * 60_000;

interface Settings {
  /** Where archives are kept between runs. */
  cache: string;
  say: (line: string) => void;
}

/** What is built from the Dockerfile, by its target. */
const targets = {
  router: { image: switchyardImage, file: "switchyard" },
  jobs: { image: jobsImage, file: "switchyard-jobs" },
} as const;

type Target = keyof typeof targets;

/** The same from Docker, on the base that the Dockerfile names. */
export async function buildWithDocker(target: Target, { cache, say }: Settings): Promise<string> {
  const { image, file } = targets[target];
  const archive = join(cache, `${file}-docker.tar`);
  await mkdir(cache, { recursive: true });
  await buildBundle();
  say(`Building the image ${target} from the Dockerfile …`);
  const call = { limitMs: buildLimitMs };
  const build = words`build --quiet --target ${target} --tag ${image} ${repository}`;
  await runProgram("docker", build, call);
  await runProgram("docker", words`save --output ${archive} ${image}`, call);
  return archive;
}

async function buildBundle(): Promise<void> {
  for (const script of ["scripts/build.ts", "scripts/build-jobs.ts"])
    await runProgram(process.execPath, [script], { limitMs: buildLimitMs, cwd: repository });
}

/**
 * Builds an image from the project's own Dockerfile and bundle, and gives its docker-archive file.
 * It is built again only where something that goes into it has changed.
 */
export async function buildSwitchyardImage(
  target: Target,
  { cache, say }: Settings,
): Promise<string> {
  await buildBundle();
  const base = await baseFileSystem(cache, say);
  const inputs = [
    "Dockerfile",
    ".dockerignore",
    "LICENSE",
    "package-lock.json",
    ...(await readdir(join(repository, "dist")))
      .filter((file) => file.endsWith(".mjs"))
      .toSorted()
      .map((file) => join("dist", file)),
    "dist/console-page/refresh.js",
    "dist/console-page/style.css",
    "dist/console-page/icon.svg",
    "dist/models/general-v1.model.gz",
    "dist/models/general-v1.policies.json",
  ];
  const key = await digestOf(
    inputs.map((file) => join(repository, file)),
    base.key,
  );
  const { image, file } = targets[target];
  return kept(cache, file, key, async (archive) => {
    say(`Building the image ${target} from the Dockerfile …`);
    await withBuildah(async (buildah) => {
      const container = (await buildah("from", "scratch")).trim();
      await buildah("add", "--quiet", container, base.archive, "/");
      await buildah("commit", "--quiet", container, "localhost/base");
      const fromBase = words`--pull-never --build-arg BASE_IMAGE=localhost/base`;
      await buildah(
        ...words`bud --isolation chroot --target ${target}`,
        ...fromBase,
        "-t",
        image,
        repository,
      );
      await buildah("push", "--quiet", image, `docker-archive:${archive}`);
    });
  });
}

const objectStoreFile = 'FROM scratch\nCOPY content /versitygw\nENTRYPOINT ["/versitygw"]\n';

/** An S3-compatible store from a binary alone: it runs as anybody. */
export async function buildObjectStoreImage(binary: string, { cache }: Settings): Promise<string> {
  const key = await digestOf([binary], objectStoreImage + objectStoreFile);
  return kept(cache, "object-store", key, (archive) =>
    buildFrom({ content: binary, file: objectStoreFile, image: objectStoreImage, archive }),
  );
}

/** The same from Docker. */
export async function buildObjectStoreWithDocker(
  binary: string,
  { cache }: Settings,
): Promise<string> {
  const archive = join(cache, "object-store-docker.tar");
  const call = { limitMs: buildLimitMs };
  await withContext({ content: binary, file: objectStoreFile }, async (context) => {
    await runProgram("docker", words`build --quiet --tag ${objectStoreImage} ${context}`, call);
  });
  await runProgram("docker", words`save --output ${archive} ${objectStoreImage}`, call);
  return archive;
}

/** The image that holds a pod's namespaces open, from a binary alone. */
export async function buildPauseImage(binary: string, { cache }: Settings): Promise<string> {
  const file = 'FROM scratch\nCOPY content /pause\nENTRYPOINT ["/pause"]\n';
  const key = await digestOf([binary], pauseImage + file);
  return kept(cache, "pause", key, (archive) =>
    buildFrom({ content: binary, file, image: pauseImage, archive }),
  );
}

/** A Redis as its makers' own image is, in so far as the examples use it: it runs as anybody. */
export async function buildRedisImage({ cache, say }: Settings): Promise<string> {
  const { archive: content, key } = await redisFileSystem(cache, say);
  const file = 'FROM scratch\nADD content /\nENTRYPOINT ["redis-server"]\n';
  return kept(cache, "redis-image", `${key}-1`, (archive) =>
    buildFrom({ content, file, image: redisImage, archive }),
  );
}

interface Recipe {
  /** The one file of the build's context, which is called so there. */
  content: string;
  /** The Dockerfile. */
  file: string;
  image: string;
  archive: string;
}

const buildFrom = ({ image, archive, ...given }: Recipe): Promise<void> =>
  withContext(given, (context) =>
    withBuildah(async (buildah) => {
      await buildah("bud", "--isolation", "chroot", "-t", image, context);
      await buildah("push", "--quiet", image, `docker-archive:${archive}`);
    }),
  );

/** A folder to build in, which goes again. */
async function withContext(
  { content, file }: Pick<Recipe, "content" | "file">,
  act: (context: string) => Promise<void>,
): Promise<void> {
  const context = await mkdtemp(join(tmpdir(), "switchyard-image-"));
  try {
    await runProgram("cp", [content, join(context, "content")], { limitMs: 60_000 });
    await writeFile(join(context, "Dockerfile"), file);
    await act(context);
  } finally {
    await rm(context, { recursive: true, force: true });
  }
}

type Buildah = (...parameters: string[]) => Promise<string>;

// With a storage of its own that goes again: nothing of the machine's images is seen or changed.
async function withBuildah(act: (buildah: Buildah) => Promise<void>): Promise<void> {
  const storage = await mkdtemp(join(tmpdir(), "switchyard-buildah-"));
  const own = ["--root", join(storage, "root"), "--runroot", join(storage, "run")];
  const global = [...own, "--storage-driver", "vfs"];
  try {
    await act((...parameters) =>
      runProgram("buildah", [...global, ...parameters], { limitMs: buildLimitMs }),
    );
  } finally {
    await rm(storage, { recursive: true, force: true });
  }
}

async function digestOf(files: readonly string[], salt: string): Promise<string> {
  const hash = createHash("sha256").update(salt);
  for (const file of files) hash.update("\0").update(await readFile(file));
  return hash.digest("hex").slice(0, 16);
}

/** The file NAME-KEY.tar of the cache; made where it is not there, and then the only one of its name. */
async function kept(
  cache: string,
  name: string,
  key: string,
  make: (archive: string) => Promise<void>,
): Promise<string> {
  const archive = join(cache, `${name}-${key}.tar`);
  await mkdir(cache, { recursive: true });
  await withLock(join(cache, name), buildLimitMs, async () => {
    if (await exists(archive)) return;
    const unfinished = `${archive}.tmp`;
    await rm(unfinished, { force: true });
    await make(unfinished);
    for (const old of await readdir(cache)) {
      if (isOf(name, old) && old !== `${name}-${key}.tar.tmp`) {
        await rm(join(cache, old), { force: true });
      }
    }
    await rename(unfinished, archive);
  });
  return archive;
}

/** Whether a file of the cache is an image of this name, and not of one that begins like it. */
const isOf = (name: string, file: string): boolean =>
  file.startsWith(`${name}-`) && /^[0-9a-z]+(-[0-9])?\.tar/.test(file.slice(name.length + 1));
