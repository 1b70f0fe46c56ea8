/** A frame of a stream: its bytes, the tokens it carries, and when it is due in the model's own time. */
export interface PlannedFrame {
  bytes: Buffer;
  tokens: number;
  /** Milliseconds since the request. */
  atMs: number;
}

/** What will be sent, decided before anything is: a handler plans, the server plays the plan. */
export type AnswerPlan =
  | { type: "whole"; headers: Record<string, string>; body: Buffer; atMs: number; tokens: number }
  | { type: "stream"; headers: Record<string, string>; frames: Iterable<PlannedFrame> };

export const jsonHeaders = { "content-type": "application/json" };
export const eventStreamHeaders = { "content-type": "application/vnd.amazon.eventstream" };

export const jsonBody = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
