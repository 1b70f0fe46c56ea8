import { execSync } from "node:child_process";
import { rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ConfigFolder, requireFolder } from "../../../src/cli/config-folder.ts";
import { readEnvironment } from "../../../src/cli/environment.ts";
import { chooseGroup } from "../../../src/cli/folder-tables.ts";
import { openConfig } from "../../../src/cli/open-config.ts";
import { UsageError } from "../../../src/cli/usage-error.ts";
import { makeFolder, mountConfigMap, put, putByRename, routeText } from "./folders.ts";

const namesOf = async (folder: ConfigFolder): Promise<string[]> =>
  (await folder.read()).manifests.map(({ metadata }) => metadata.name);

// One that is plainly somebody else's, and one that may have been meant for us.
const foreign = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: other}\n";
const doubtful = "apiVersion: other.dev/v1\nkind: ModelRoute\nmetadata: {name: other}\n";

describe("a folder of YAML", () => {
  it("holds what all its files hold, in the order of their names", async () => {
    const folder = await makeFolder({
      "b.yaml": routeText("two"),
      "a.yml": `${routeText("zero")}---\n${routeText("one")}`,
      "deep/er/c.json": JSON.stringify({
        apiVersion: "switchyard.dev/v1alpha1",
        kind: "ModelRoute",
        metadata: { name: "three" },
        spec: {},
      }),
    });
    expect(await namesOf(new ConfigFolder(folder))).toEqual(["zero", "one", "two", "three"]);
  });

  it("leaves out what is hidden, what editors leave behind and what is no YAML", async () => {
    const text = routeText("hidden");
    const folder = await makeFolder({
      "a.yaml": routeText("seen"),
      ".a.yaml.swp": text,
      ".hidden.yaml": text,
      ".git/b.yaml": text,
      "deep/.hidden/b.yaml": text,
      "a.yaml~": text,
      "a.yaml.bak": text,
      "README.md": text,
      yaml: text,
    });
    expect(await new ConfigFolder(folder).read()).toMatchObject({
      manifests: [{ metadata: { name: "seen" } }],
      errors: [],
      warnings: [],
      isListed: true,
    });
  });

  it.each([
    ["is empty", ""],
    ["is no YAML", "kind: [ModelRoute"],
    ["has a manifest without a name", "apiVersion: switchyard.dev/v1alpha1\nkind: ModelRoute\n"],
    [
      "has a kind of ours that does not exist",
      "apiVersion: switchyard.dev/v1alpha1\nkind: ModelRoutes\nmetadata: {name: x}\n",
    ],
  ])("keeps what a file held before, where it %s", async (_what, text) => {
    const folder = await makeFolder({ "a.yaml": routeText("one"), "b.yaml": routeText("two") });
    const config = new ConfigFolder(folder);
    await config.read();
    await put(folder, "a.yaml", text);
    await put(folder, "b.yaml", routeText("new"));
    const { manifests, errors } = await config.read();
    expect(manifests.map(({ metadata }) => metadata.name)).toEqual(["one", "new"]);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(/^a\.yaml.*What the file held before stays in force\.$/);
  });

  it("forgets the problem, and the old state, once the file is mended", async () => {
    const folder = await makeFolder({ "a.yaml": routeText("one") });
    const config = new ConfigFolder(folder);
    await config.read();
    await put(folder, "a.yaml", "kind: [");
    await config.read();
    await put(folder, "a.yaml", routeText("mended"));
    expect(await config.read()).toMatchObject({
      manifests: [{ metadata: { name: "mended" } }],
      errors: [],
    });
  });

  it("has nothing of a file that never was sound", async () => {
    const folder = await makeFolder({ "a.yaml": "kind: [", "empty.yaml": "" });
    const { manifests, errors } = await new ConfigFolder(folder).read();
    expect(manifests).toEqual([]);
    expect(errors).toHaveLength(1);
    expect(errors[0]).not.toContain("before");
  });

  it("loses what a deleted file held", async () => {
    const folder = await makeFolder({ "a.yaml": routeText("one"), "b.yaml": routeText("two") });
    const config = new ConfigFolder(folder);
    await config.read();
    await rm(join(folder, "a.yaml"));
    expect(await namesOf(config)).toEqual(["two"]);
  });

  it("takes a file of comments alone for what it says: nothing", async () => {
    const folder = await makeFolder({ "a.yaml": routeText("one") });
    const config = new ConfigFolder(folder);
    await config.read();
    await put(folder, "a.yaml", "# nothing here any more\n");
    expect(await config.read()).toEqual({
      manifests: [],
      configMaps: [],
      errors: [],
      warnings: [],
      isListed: true,
    });
  });

  it("keeps a ConfigMap as it was while its file cannot be read, and takes the first of two", async () => {
    const held = (text: string) =>
      `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: plans, labels: {switchyard.dev/holds: plans}}\ndata: {plans.json: "${text}"}\n`;
    const folder = await makeFolder({ "a.yaml": held("one"), "b.yaml": held("two") });
    const config = new ConfigFolder(folder);
    const contents = async () => (await config.read()).configMaps.map(({ content }) => content);
    expect(await contents()).toEqual(["one"]);
    expect((await config.read()).errors).toEqual([
      expect.stringMatching(/^b\.yaml:3: metadata\.name: The ConfigMap plans stands in a\.yaml/),
    ]);
    await put(folder, "a.yaml", held("three").replace("data: {", "data: {{"));
    expect(await contents()).toEqual(["one"]);
    await put(folder, "a.yaml", held("three"));
    expect(await contents()).toEqual(["three"]);
  });

  it("tells of documents that are none of ours, and serves the others", async () => {
    const folder = await makeFolder({
      "a.yaml": `${foreign}---\n${doubtful}---\n${routeText("one")}`,
    });
    const { manifests, errors, warnings } = await new ConfigFolder(folder).read();
    expect(manifests).toHaveLength(1);
    expect(errors).toEqual([]);
    expect(warnings).toEqual([expect.stringMatching(/^a\.yaml:5: warning: .*passed over/)]);
  });

  it("takes the first of two resources of one name, and says where both stand", async () => {
    const folder = await makeFolder({
      "a.yaml": routeText("one", "first"),
      "b.yaml": routeText("one", "second"),
    });
    const { manifests, errors } = await new ConfigFolder(folder).read();
    expect(manifests).toHaveLength(1);
    expect(manifests[0]?.source?.file).toBe("a.yaml");
    expect(errors).toEqual([expect.stringMatching(/^b\.yaml:\d+: .*a\.yaml/)]);
  });

  it("keeps everything when it cannot be read at all", async () => {
    const folder = await makeFolder({ "a.yaml": routeText("one") });
    const config = new ConfigFolder(folder);
    await config.read();
    await rm(folder, { recursive: true });
    const { manifests, errors } = await config.read();
    expect(manifests).toHaveLength(1);
    expect(errors).toEqual([expect.stringContaining("stays in force")]);
    await put(folder, "a.yaml", routeText("back"));
    expect(await config.read()).toMatchObject({
      manifests: [{ metadata: { name: "back" } }],
      errors: [],
    });
  });

  it("tells of a file that cannot be read, and keeps what it held", async () => {
    const folder = await makeFolder({ "a.yaml": routeText("one") });
    const config = new ConfigFolder(folder);
    await config.read();
    await rm(join(folder, "a.yaml"));
    await symlink(join(folder, "nowhere"), join(folder, "a.yaml"));
    const { manifests, errors } = await config.read();
    expect(manifests).toHaveLength(1);
    expect(errors).toEqual([expect.stringMatching(/^a\.yaml: ENOENT.*stays in force\.$/)]);
  });

  it.each([
    ["a pipe, which nobody may ever write to", "mkfifo a.yaml", "neither a file nor a folder"],
    ["a device, which never ends", "ln -s /dev/zero a.yaml", "neither a file nor a folder"],
    ["a huge file", "truncate -s 17M a.yaml", "larger than 16777216 bytes"],
  ])("tells of %s, and reads the others", async (_, make, told) => {
    const folder = await makeFolder({ "b.yaml": routeText("one") });
    execSync(make, { cwd: folder });
    const { manifests, errors } = await new ConfigFolder(folder).read();
    expect(manifests).toHaveLength(1);
    expect(errors).toEqual([expect.stringContaining(told)]);
  });

  it("ends although links lead round in a circle", async () => {
    const folder = await makeFolder({ "a.yaml": routeText("one") });
    await symlink(folder, join(folder, "again"));
    const { manifests } = await new ConfigFolder(folder).read();
    expect(manifests).toHaveLength(1);
  });
});

describe("a mounted ConfigMap", () => {
  it("is read through its links, once, and again after it was swapped", async () => {
    const folder = await makeFolder();
    await mountConfigMap(folder, "2027_01_01", {
      "a.yaml": routeText("one"),
      "sub/b.yaml": routeText("two"),
    });
    const config = new ConfigFolder(folder);
    expect(await config.read()).toMatchObject({
      manifests: [{ metadata: { name: "one" } }, { metadata: { name: "two" } }],
      errors: [],
    });
    await mountConfigMap(folder, "2027_01_02", {
      "a.yaml": routeText("newer"),
      "sub/b.yaml": routeText("two"),
    });
    expect(await namesOf(config)).toEqual(["newer", "two"]);
  });
});

describe("opening the configuration", () => {
  const open = async (config: string | undefined) =>
    openConfig({ config }, readEnvironment({})).catch((error: unknown) => error);

  it.each<[string, Record<string, string>, RegExp]>([
    ["no YAML", { "a.yaml": "kind: [" }, /^a\.yaml:1: /],
    [
      "a resource twice",
      { "a.yaml": `${routeText("one")}---\n${routeText("one")}` },
      /stands in a\.yaml, line 1/,
    ],
    ["no route", { "README.md": "" }, /holds no ModelRoute/],
  ])("ends in a sentence where the folder holds %s", async (_what, files, sentence) => {
    const error = await open(await makeFolder(files));
    expect(error).toBeInstanceOf(UsageError);
    expect((error as Error).message).toMatch(sentence);
  });

  it("is not stopped by warnings", async () => {
    const folder = await makeFolder({ "a.yaml": `${doubtful}---\n${routeText("one")}` });
    expect(await open(folder)).toMatchObject({
      group: { namespace: "default", routerClass: "default" },
    });
  });

  it("wants to know a folder, and that it is one", async () => {
    const folder = await makeFolder({ "a.yaml": routeText("one") });
    expect(await open(undefined)).toMatchObject({
      message: expect.stringContaining("--config DIR") as string,
    });
    await expect(requireFolder(join(folder, "none"))).rejects.toThrow(/does not exist/);
    await expect(requireFolder(join(folder, "a.yaml"))).rejects.toThrow(/is not a folder/);
  });

  it("chooses the one group, and asks where there are several", async () => {
    const inNamespace = (name: string) =>
      routeText(name).replace("metadata:", `metadata:\n  namespace: ${name}`);
    const folder = await makeFolder({
      "a.yaml": `${inNamespace("shop")}---\n${inNamespace("bank")}`,
    });
    const { manifests } = await new ConfigFolder(folder).read();
    expect(() => chooseGroup(manifests, {}, folder)).toThrow(
      /bank\/default, shop\/default|shop\/default, bank\/default/,
    );
    expect(chooseGroup(manifests, { namespace: "bank" }, folder).namespace).toBe("bank");
    expect(() => chooseGroup(manifests, { routerClass: "none" }, folder)).toThrow(
      /--namespace and --class/,
    );
  });

  it("survives a rename over the file", async () => {
    const folder = await makeFolder({ "a.yaml": routeText("one") });
    const config = new ConfigFolder(folder);
    await config.read();
    await putByRename(folder, "a.yaml", routeText("two"));
    expect(await namesOf(config)).toEqual(["two"]);
  });
});
