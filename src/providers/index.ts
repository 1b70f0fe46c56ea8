// The code that speaks the vendors' protocols. Owns the Provider contract, its errors, and the
// implementations for Bedrock and SageMaker, the asking of Bedrock's guardrails, and AWS's signature. It calls one backend once: it knows no route, no
// tenant, no chain, and decides no retry or fallback beyond saying what its errors allow.
export {
  makeGuardrails,
  type GuardrailCall,
  type Guardrails,
  type GuardrailVerdict,
} from "./bedrock/guardrails.ts";
export { Signer } from "./lean/sigv4.ts";
export { makeBedrock } from "./bedrock/bedrock.ts";
export type {
  AwsCredentials,
  Callee,
  CallFacts,
  ChatCall,
  Embedded,
  EmbedCall,
  OpenChat,
  Provider,
  Reach,
  ReachBackend,
  WholeChat,
} from "./contract.ts";
export { makeSageMaker } from "./sagemaker/sagemaker.ts";
export { ProviderError, providerErrors, type ProviderErrorCode } from "./provider-error.ts";
