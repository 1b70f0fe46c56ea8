import { describeSimulator, startSimulator } from "../simulators/index.ts";
import type { Command } from "./command.ts";
import { portRange, readFlags, refuseWords, wholeNumber } from "./flags.ts";
import { listenProblem } from "./listen-problem.ts";
import { untilStopped } from "./until-stopped.ts";

const help = `switchyard simulate [flags]: Bedrock Runtime and SageMaker Runtime on this machine

  --host HOST   where to listen (127.0.0.1)
  --port N      the port (9000; 0 for any free one)
  --speed N     how much quicker than real models to answer (1)
  --seed N      what looks like chance follows from it (1)

Faults are ordered at /_control/faults; calls are listed at /_control/calls.`;

const options = {
  host: { type: "string" },
  port: { type: "string" },
  speed: { type: "string" },
  seed: { type: "string" },
} as const;

async function run(words: readonly string[]): Promise<number> {
  const { values, positionals } = readFlags(words, options);
  refuseWords(positionals);
  const stopped = untilStopped();
  const simulator = await startSimulator({
    host: values.host ?? "127.0.0.1",
    port: wholeNumber("port", values.port, portRange) ?? 9000,
    speed: wholeNumber("speed", values.speed, [1, 1_000_000]) ?? 1,
    seed: wholeNumber("seed", values.seed, [0, 0xffff_ffff]) ?? 1,
    log: (line) => console.log(line),
  }).catch((error: unknown) => listenProblem(error, "--port"));
  const { accessKeyId, secretAccessKey } = simulator.credentials;
  console.log(`Bedrock Runtime and SageMaker Runtime are simulated at ${simulator.url}; sign with

  export AWS_ACCESS_KEY_ID=${accessKeyId} AWS_SECRET_ACCESS_KEY=${secretAccessKey}

${describeSimulator().join("\n")}
`);
  await stopped;
  await simulator.close();
  return 0;
}

export const simulate: Command = { help, run };
