/** Whose code speaks to AWS. */
export type Transport = "Lean" | "Sdk";

/** As whom AWS is called. */
export type Credentials =
  | { type: "Ambient" }
  | { type: "AssumeRole"; roleArn: string; externalId: string };
