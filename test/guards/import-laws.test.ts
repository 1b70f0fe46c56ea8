import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { entryFile, generatedFiles, layers, readRooms } from "../../scripts/rooms.ts";
import { lint, plantTree, root, type Complaint } from "./planted-tree.ts";

interface Violation {
  of: string;
  file: string;
  text: string;
  rule: string;
  says: string;
}

const law = "eslint(no-restricted-imports)";

const violations: readonly Violation[] = [
  {
    of: "a room that is not in the importer's row",
    file: "src/compile/planted-room.ts",
    text: 'import { anything } from "../openai/index.ts";\nexport const it = anything;\n',
    rule: law,
    says: "compile imports lib, api, table, safety, judging only",
  },
  {
    of: "the kinds, by the router",
    file: "src/router/planted-api.ts",
    text: 'import { anything } from "../api/index.ts";\nexport const it = anything;\n',
    rule: law,
    says: "What it needs of another room is a function handed in by cli",
  },
  {
    of: "a provider, by a simulator",
    file: "src/simulators/planted-provider.ts",
    text: 'export { anything } from "../providers/index.ts";\n',
    rule: law,
    says: "simulators imports lib only",
  },
  {
    of: "a type alone",
    file: "src/table/planted-type.ts",
    text: 'import type { Anything } from "../routing/index.ts";\nexport type It = Anything;\n',
    rule: law,
    says: "table imports lib only",
  },
  {
    of: "a forbidden room from a folder inside a room",
    file: "src/providers/bedrock/planted-nested.ts",
    text: 'import { anything } from "../../simulators/index.ts";\nexport const it = anything;\n',
    rule: law,
    says: "providers imports lib, openai, table, telemetry only",
  },
  {
    of: "a forbidden room from two folders deep",
    file: "src/simulators/planted/deep/deeper.ts",
    text: 'import { anything } from "../../../openai/index.ts";\nexport const it = anything;\n',
    rule: law,
    says: "simulators imports lib only",
  },
  {
    of: "a file behind a room's index.ts",
    file: "src/router/planted-deep.ts",
    text: 'import { anything } from "../table/routing-table.ts";\nexport const it = anything;\n',
    rule: law,
    says: "a room is entered by its index.ts alone",
  },
  {
    of: "the index.ts of a folder inside another room",
    file: "src/router/planted-inner.ts",
    text: 'import { anything } from "../providers/bedrock/index.ts";\nexport const it = anything;\n',
    rule: law,
    says: "a room is entered by its index.ts alone",
  },
  {
    of: "a room's inside, by a script",
    file: "scripts/planted-script.ts",
    text: 'import { anything } from "../src/table/encode.ts";\nexport const it = anything;\n',
    rule: law,
    says: "a room is entered by its index.ts alone",
  },
  {
    of: "cli",
    file: "src/telemetry/planted-cli.ts",
    text: 'import { anything } from "../cli/index.ts";\nexport const it = anything;\n',
    rule: law,
    says: "nothing imports cli",
  },
  {
    of: "a forbidden room when the program runs",
    file: "src/lib/planted-dynamic.ts",
    text: 'export const it = (): Promise<unknown> => import("../table/index.ts");\n',
    rule: law,
    says: "lib imports no other room only",
  },
  {
    of: "a path that is only known when the program runs",
    file: "src/lib/planted-computed.ts",
    text: "export const it = (path: string): Promise<unknown> => import(path);\n",
    rule: "import(no-dynamic-require)",
    says: "",
  },
  {
    of: "a room by way of its own folder",
    file: "src/lib/planted-dot.ts",
    text: 'import { anything } from "./../table/index.ts";\nexport const it = anything;\n',
    rule: law,
    says: "write the shortest path",
  },
  {
    of: "a room by way of the repository's root",
    file: "src/lib/planted-round.ts",
    text: 'import { anything } from "../../src/table/index.ts";\nexport const it = anything;\n',
    rule: law,
    says: "rooms by the shortest path",
  },
  {
    of: "a test",
    file: "src/lib/planted-test.ts",
    text: 'import { anything } from "../../test/guards/planted-tree.ts";\nexport const it = anything;\n',
    rule: law,
    says: "src imports neither tests nor scripts",
  },
];

describe("the import laws", () => {
  let complaints: readonly Complaint[] = [];
  let remove = (): void => {};

  beforeAll(() => {
    const tree = plantTree(Object.fromEntries(violations.map(({ file, text }) => [file, text])));
    remove = tree.remove;
    complaints = lint(tree.path);
  });

  afterAll(() => remove());

  it.each(violations)("refuse an import of $of", ({ file, rule, says }) => {
    const found = complaints.filter((complaint) => complaint.file === file);
    expect(found).toContainEqual({ file, rule, text: expect.stringContaining(says) as string });
  });

  it("have no complaint of the tree as it is", () => {
    const planted = new Set(violations.map(({ file }) => file));
    const others = complaints.filter(({ file, rule }) => rule === law && !planted.has(file));
    expect(others).toEqual([]);
  });
});

describe("rooms.json", () => {
  const rooms = readRooms(root);

  it("names every folder of src and no other", () => {
    const folders = readdirSync(join(root, "src"), { withFileTypes: true });
    expect(Object.keys(rooms).toSorted()).toEqual(folders.map(({ name }) => name).toSorted());
  });

  it("finds in every room's first file a paragraph on what the room owns", () => {
    const silent = Object.entries(rooms)
      .map(([name, room]) => entryFile(name, room))
      .filter((path) => !/^(#!.*\n)?\/\/ /.test(readFileSync(join(root, path), "utf8")));
    expect(silent).toEqual([]);
  });

  it("lets imports point one way only", () => {
    expect(layers(rooms)).toHaveLength(Object.keys(rooms).length);
  });

  it("is shown to go round in a circle where it does", () => {
    const circle = {
      lib: { owns: "", imports: [] },
      one: { owns: "", imports: ["two"] },
      two: { owns: "", imports: ["lib", "one"] },
    };
    expect(layers(circle)).toBeNull();
  });

  it("gives cli to nobody", () => {
    const importers = Object.entries(rooms).filter(([, room]) => room.imports.includes("cli"));
    expect(importers).toEqual([]);
  });

  it("agrees with the lint rules and the map that are generated from it", () => {
    for (const [path, text] of generatedFiles(root)) {
      expect(readFileSync(join(root, path), "utf8"), `${path}: npm run generate`).toBe(text);
    }
  });
});
