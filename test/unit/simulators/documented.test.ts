import { readFileSync } from "node:fs";

import { parseAllDocuments } from "yaml";
import { describe, expect, test } from "vitest";

import {
  faultKinds,
  findModel,
  simulatedModels,
  type SimulatedModel,
} from "../../../src/simulators/index.ts";

const read = (path: string): string =>
  readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");

describe("docs/simulators.md", () => {
  const document = read("docs/simulators.md");
  /** The cells of the table whose first heading this is, without the headings. */
  const rowsUnder = (heading: string): string[][] => {
    const start = document.search(new RegExp(`^\\| ${heading} +\\|`, "m"));
    const table = document.slice(start).split("\n\n")[0] ?? "";
    const cells = table
      .trim()
      .split("\n")
      .map((row) => row.split("|").slice(1, -1));
    return cells.slice(2).map((row) => row.map((cell) => cell.trim().replaceAll("`", "")));
  };

  test("lists the faults that there are, and no other", () => {
    expect(rowsUnder("kind").map(([kind]) => kind)).toEqual(
      expect.arrayContaining(Object.keys(faultKinds)),
    );
    expect(rowsUnder("kind")).toHaveLength(Object.keys(faultKinds).length);
  });

  const priceOf = ({ pricing }: SimulatedModel): string =>
    pricing.instanceHourly === undefined
      ? `${pricing.inputPerMTok} / ${pricing.outputPerMTok}`
      : `${pricing.instanceHourly} an hour`;
  const speedOf = ({ kind, speed }: SimulatedModel): string =>
    `${speed.firstTokenMedianMs} ms${kind === "chat" ? `, ${speed.tokensPerSecond}` : ""}`;

  test("lists the models that there are, as they are", () => {
    const services = { bedrock: "Bedrock", sagemaker: "SageMaker" };
    const expected = simulatedModels.map((model) => [
      model.id,
      services[model.service],
      model.tier,
      priceOf(model),
      speedOf(model),
    ]);
    expect(rowsUnder("model")).toEqual(expected);
  });
});

interface Backend {
  kind: string;
  metadata: { name: string };
  spec: {
    bedrock?: { modelId: string; endpoint?: string };
    sagemaker?: { endpointName: string; endpoint?: string };
    pricing: Record<string, string>;
    quality: { tier: string };
    capabilities: string[];
    contextWindow: number;
    maxOutputTokens: number;
    embedding?: { dimensions: number };
  };
}

describe("the examples describe the models as the simulator plays them", () => {
  const backends = parseAllDocuments(read("test/fixtures/local/backends.yaml"))
    .map((each) => each.toJS() as Backend | null)
    .filter((each) => each?.kind === "ModelBackend") as Backend[];

  test("and there are some", () => {
    expect(backends.length).toBeGreaterThan(2);
  });

  test.each(backends.map((backend) => [backend.metadata.name, backend.spec] as const))(
    "%s",
    (_name, spec) => {
      const model = modelOf(spec);
      expect(numbers(spec.pricing)).toEqual(numbers({ ...model.pricing }));
      expect(spec.quality.tier).toBe(model.tier);
      expect(spec.capabilities.toSorted()).toEqual(model.capabilities.toSorted());
      expect(spec.contextWindow).toBe(model.contextWindow);
      expect(spec.maxOutputTokens).toBe(model.maxOutputTokens);
      const dimensions = [spec.embedding?.dimensions ?? []].flat();
      expect(model.embedding?.dimensions ?? []).toEqual(expect.arrayContaining(dimensions));
    },
  );
});

function modelOf(spec: Backend["spec"]): SimulatedModel {
  const service = spec.bedrock === undefined ? "sagemaker" : "bedrock";
  const name = spec.bedrock?.modelId ?? spec.sagemaker?.endpointName ?? "";
  const model = findModel(simulatedModels, service, name);
  if (model === undefined) throw new Error(`No simulated model is called ${name}`);
  return model;
}

// "0.80" and "0.8" are one price.
const numbers = (prices: Record<string, string>): Record<string, number> =>
  Object.fromEntries(Object.entries(prices).map(([name, price]) => [name, Number(price)]));
