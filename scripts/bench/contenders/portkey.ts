import { join } from "node:path";
import { chatPath, type Contender } from "./contender.ts";
import { install, installFolder } from "./installed.ts";

const version = "1.15.2";
const folder = installFolder("portkey", version);
const program = join(folder, "node_modules/@portkey-ai/gateway/build/start-server.js");

/** Its scripts are left out: they patch what only its developers install. */
const npmInstall = [
  "npm",
  "install",
  "--ignore-scripts",
  "--no-audit",
  "--no-fund",
  "--prefix",
  ".",
  `@portkey-ai/gateway@${version}`,
];

/** Without its console and its log, over an OpenAI upstream, so that it translates nothing. */
export const portkey: Contender = {
  name: "portkey",
  title: `Portkey ${version}, OpenAI upstream, no translation`,
  prepare: async () => install(folder, [npmInstall]),
  launch: ({ upstream, port, nodeFlags }) =>
    Promise.resolve({
      command: [process.execPath, ...nodeFlags, program, "--headless", `--port=${port}`],
      environment: { NODE_ENV: "production" },
      path: chatPath,
      headers: {
        authorization: "Bearer none",
        "x-portkey-provider": "openai",
        "x-portkey-custom-host": `${upstream}/v1`,
      },
    }),
};
