import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";

import { AwsError } from "../../../src/simulators/aws-error.ts";
import { readConverse } from "../../../src/simulators/bedrock/converse.ts";
import {
  converseRequest,
  converseStreamRequest,
  countTokensRequest,
} from "../../../src/simulators/bedrock/converse-shapes.ts";
import { applyGuardrailRequest } from "../../../src/simulators/bedrock/guardrail-shapes.ts";
import { findModel, simulatedModels, startSimulator } from "../../../src/simulators/index.ts";
import { pythonWithBoto3 } from "../../support/python.ts";
import { readServiceModel } from "../../support/service-model.ts";
import { post } from "../../support/signed-request.ts";
import { shapeOf, type ServiceModel } from "../../support/service-model-shapes.ts";
import { checkValue } from "../../support/service-model-values.ts";
import { chatEndpoint, claude } from "./aws-clients.ts";
import { fullRequest, mutate } from "./converse-mutations.ts";
import { differences } from "./shape-differences.ts";

let model: ServiceModel;

beforeAll(async () => {
  const python = await pythonWithBoto3();
  model = await readServiceModel(python.serviceModels, "bedrock-runtime");
});

describe("the simulator's shapes are those of the service model", () => {
  test.each([
    ["ConverseRequest", converseRequest],
    ["ConverseStreamRequest", converseStreamRequest],
    ["CountTokensRequest", countTokensRequest],
    ["ApplyGuardrailRequest", applyGuardrailRequest],
  ])("%s", (name, shape) => {
    expect(differences(shape, shapeOf(model, name), model)).toEqual([]);
  });

  test("a shape that lacks a member, a limit or a name is told apart", () => {
    const altered = structuredClone(model);
    Object.assign(shapeOf(altered, "ToolName"), { max: 65 });
    Object.assign(shapeOf(altered, "ImageFormat"), { enum: ["png"] });
    Object.assign(shapeOf(altered, "ToolUseBlock").members ?? {}, { colour: { shape: "String" } });
    const found = differences(converseRequest, shapeOf(altered, "ConverseRequest"), altered);
    expect(found).toContainEqual(expect.stringContaining("toolUse.name max: 64, not 65"));
    expect(found).toContainEqual(expect.stringContaining("toolUse: lacks colour"));
    expect(found).toContainEqual(
      expect.stringContaining("image.format enum: png,jpeg,gif,webp, not png"),
    );
  });
});

function modelRefuses(body: unknown): string[] {
  const shape = shapeOf(model, "ConverseRequest");
  // The model id travels in the path.
  return checkValue(model, { ...shape, required: [] }, body, "request");
}

function simulatorRefuses(body: unknown): string | undefined {
  const found = findModel(simulatedModels, "bedrock", claude);
  if (found === undefined) throw new Error("No such model");
  try {
    readConverse(Buffer.from(JSON.stringify(body)), found, converseRequest, 1);
    return undefined;
  } catch (error) {
    if (error instanceof AwsError) return `${error.shape}: ${error.message}`;
    throw error;
  }
}

test("a request with every kind of member is let through by both", () => {
  expect(modelRefuses(fullRequest)).toEqual([]);
  expect(simulatorRefuses(fullRequest)).toBeUndefined();
});

describe("headers of an endpoint that the service model refuses, the simulator refuses", () => {
  const samples = [
    "a-b",
    "-a",
    "a b",
    "x".repeat(65),
    "x".repeat(257),
    "x".repeat(1025),
    "aä",
    "NEW_SESSION",
    "",
  ];

  test("for each header and a good and many a bad value", async () => {
    const python = await pythonWithBoto3();
    const sagemaker = await readServiceModel(python.serviceModels, "sagemaker-runtime");
    const members = Object.entries(shapeOf(sagemaker, "InvokeEndpointInput").members ?? {});
    const simulator = await startSimulator({ speed: Infinity });
    const outcomes = { refused: 0, accepted: 0 };
    for (const [member, { shape, location, locationName = "" }] of members) {
      if (location !== "header" || !locationName.startsWith("X-Amzn-SageMaker-")) continue;
      for (const sample of samples) {
        const refused = checkValue(sagemaker, shapeOf(sagemaker, shape), sample, member).length > 0;
        const answer = await post({
          url: simulator.url,
          credentials: simulator.credentials,
          service: "sagemaker",
          path: `/endpoints/${chatEndpoint}/invocations`,
          headers: { [locationName.toLowerCase()]: Buffer.from(sample).toString("latin1") },
          body: JSON.stringify({ messages: [{ role: "user", content: "Repeat: yes" }] }),
        });
        outcomes[refused ? "refused" : "accepted"] += 1;
        expect([member, sample, answer.error]).toEqual([
          member,
          sample,
          refused ? "ValidationError" : "",
        ]);
      }
    }
    await simulator.close();
    expect(outcomes).toEqual({
      refused: expect.toSatisfy((count) => count > 30),
      accepted: expect.toSatisfy((count) => count > 20),
    });
  });
});

test("whatever the service model refuses, the simulator refuses", () => {
  let refused = 0;
  const property = fc.property(fc.infiniteStream(fc.nat()), (numbers) => {
    const body = mutate(fullRequest, numbers);
    const complaints = modelRefuses(body);
    if (complaints.length === 0) return;
    refused += 1;
    const answer = simulatorRefuses(body);
    expect(answer, complaints.join("; ")).toMatch(/^(?:Validation|Serialization)Exception: ./);
  });
  fc.assert(property, { numRuns: 1500 });
  // Mutations that only ever made good requests would prove nothing.
  expect(refused).toBeGreaterThan(500);
});
