import { resolve } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { parse } from "yaml";
import {
  group,
  kindNames,
  parseResource,
  pluralOf,
  readManifests,
  type Kind,
} from "../../../src/api/index.ts";
import { callApi } from "../../support/kube/client-config.ts";
import type { ControlPlane } from "../../support/kube/control-plane.ts";
import { KubectlError } from "../../support/kube/kubectl.ts";
import { useControlPlane } from "../../support/kube/use-control-plane.ts";
import { exampleFiles } from "../../unit/api/example-files.ts";

interface Manifest {
  apiVersion: string;
  kind: Kind;
  metadata: { name: string };
}

const crds = resolve(import.meta.dirname, "../../../crds");

const controlPlane = useControlPlane({}, async ({ kubectl }: ControlPlane) => {
  await kubectl(["apply", "--server-side", "-f", crds]);
  await kubectl(["wait", "--for=condition=Established", "crd", "--all", "--timeout=30s"]);
});

/** Why kubectl and the API server would not create what a text says; nothing where they would. */
async function refusal(text: string): Promise<string | undefined> {
  const command = ["create", "--validate=strict", "--dry-run=server", "-f", "-"];
  try {
    await controlPlane().kubectl(command, text);
    return undefined;
  } catch (error) {
    if (error instanceof KubectlError) return error.message;
    throw error;
  }
}

/** Why the API server would not apply what a text says, as GitOps would; nothing where it would. */
async function applyRefusal(text: string, namespace = "default"): Promise<string | undefined> {
  const { apiVersion, kind, metadata } = parse(text, { version: "1.1" }) as Manifest;
  const query = "dryRun=All&fieldManager=test&fieldValidation=Strict&force=true";
  const reply = await callApi(controlPlane().adminClientConfig, {
    method: "PATCH",
    path: `/apis/${apiVersion}/namespaces/${namespace}/${pluralOf(kind)}/${metadata.name}?${query}`,
    body: text,
    contentType: "application/apply-patch+yaml",
  });
  return reply.status === 200 || reply.status === 201 ? undefined : messageOf(reply.body);
}

function messageOf(body: string): string {
  // A path that nobody serves is answered in plain text.
  if (!body.startsWith("{")) return body;
  return (JSON.parse(body) as { message: string }).message;
}

/** Whether zod takes every resource of a text. */
function isTakenByZod(text: string): boolean {
  const { manifests, problems } = readManifests(text, "example.yaml");
  return problems.length === 0 && manifests.every((manifest) => parseResource(manifest).ok);
}

describe("the definitions", () => {
  it.each(kindNames)("of %s are established without a complaint", async (kind) => {
    const name = `${pluralOf(kind)}.${group}`;
    const printed = await controlPlane().kubectl(["get", "crd", name, "-o", "json"]);
    const { status } = JSON.parse(printed) as {
      status: { conditions: { type: string; status: string }[] };
    };
    const conditions = status.conditions.map((each) => `${each.type}=${each.status}`);
    expect(conditions.toSorted()).toEqual(["Established=True", "NamesAccepted=True"]);
  });

  it("explain their fields to a person at the command line", async () => {
    // What is established is published in OpenAPI a moment later.
    const printed = await vi.waitFor(
      () => controlPlane().kubectl(["explain", "modelroutes.spec"]),
      { timeout: 30_000, interval: 250 },
    );
    expect(printed).toContain("GROUP:      switchyard.dev");
    const field = /^ {2}(\w+)\t<[^\n]+\n(?: {2}enum: [^\n]+\n)?((?: {4}[^\n]+\n)*)/gm;
    const fields = [...printed.matchAll(field)];
    expect(fields.map(([, name]) => name)).toEqual(
      expect.arrayContaining(["candidates", "envelope", "fallback", "models", "selection"]),
    );
    const silent = fields.filter(([, , text = ""]) => !/[a-z]{3}.*\./s.test(text));
    expect(silent.map(([, name]) => name)).toEqual([]);
  });
});

const said = (word: "server" | "apply", text: string): string | undefined =>
  new RegExp(`^# ${word}: (.+)$`, "m").exec(text)?.[1];

describe.each(exampleFiles("valid"))("valid/$name", ({ text }) => {
  it("is taken by the API server as by zod", async () => {
    expect(isTakenByZod(text)).toBe(true);
    expect(await refusal(text)).toBeUndefined();
    const exception = said("apply", text);
    if (exception === undefined) expect(await applyRefusal(text)).toBeUndefined();
    else expect(await applyRefusal(text)).toContain(exception);
  });
});

describe.each(exampleFiles("invalid"))("invalid/$name", ({ text, expect: told }) => {
  it("is refused by the API server as by zod, with its message", async () => {
    expect(isTakenByZod(text)).toBe(false);
    const message = said("server", text) ?? told ?? "(the file names no message)";
    expect(await refusal(text)).toContain(message);
    expect(await applyRefusal(text)).toBeDefined();
  });
});

describe.each(exampleFiles("transitions"))("transitions/$name", ({ text, expect: message }) => {
  it("is refused with its message after what went before was taken", async () => {
    const { kubectl, createNamespace } = controlPlane();
    const [before = "", after = ""] = text.split(/^---$/m);
    const namespace = await createNamespace();
    await kubectl(["--namespace", namespace, "create", "-f", "-"], before);
    expect(await applyRefusal(before, namespace)).toBeUndefined();
    expect(await applyRefusal(after, namespace)).toContain(message);
  });
});
