// Bedrock Runtime and SageMaker Runtime as AWS speaks them, on one HTTP/1.1 port, for local mode and
// for tests. Owns the wire as AWS's side writes it (signatures verified, bodies validated, frames and
// errors), models that answer by rule (with prices, speeds and a skill that falls with difficulty),
// and faults to order. It must not know providers, the router or OpenAI's room: what they share with
// it is AWS's description alone, since shared code would hide shared mistakes.
export { describeSimulator } from "./describe.ts";
export { eventFrame } from "./event-stream.ts";
export {
  findModel,
  simulatedModels,
  type Capability,
  type SimulatedModel,
  type SimulatedPricing,
} from "./catalogue.ts";
export type { CallRecord } from "./calls.ts";
export { faultKinds, type Fault, type FaultKind } from "./faults/fault.ts";
export type { FaultBook, SetFault } from "./faults/fault-book.ts";
export { difficultyOf, goldenPrompts, type GoldenPrompt } from "./mind/skill.ts";
export { startSimulator, type Simulator, type SimulatorOptions } from "./simulator.ts";
export type { SimulatorCredentials } from "./signature.ts";
