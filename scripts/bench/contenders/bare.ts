import { join } from "node:path";
import { chatPath, type Contender } from "./contender.ts";

const program = join(import.meta.dirname, "../processes/bare.ts");

/** The limit that the others are held against. */
export const bare: Contender = {
  name: "bare",
  title: "bare pass-through (Node http + undici, nothing parsed)",
  prepare: () => Promise.resolve(),
  launch: ({ upstream, port, nodeFlags }) =>
    Promise.resolve({
      command: [process.execPath, ...nodeFlags, program, upstream, String(port)],
      environment: { NODE_ENV: "production" },
      path: chatPath,
      headers: {},
    }),
};
