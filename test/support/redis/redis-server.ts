// A real Redis on loopback for tests: started, killed and started again as the test likes, and gone
// with it however it ends.
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "iovalkey";
import { ensureDebianPackages } from "../cluster/packages.ts";
import type { KeyPairFiles } from "../kube/certificates.ts";
import { freePort } from "../kube/free-port.ts";
import { GuardedProcesses, type GuardedProcess } from "../kube/guarded-processes.ts";

export interface RedisServer {
  host: string;
  port: number;
  /** A client of the test's own, which waits for the server where it must. */
  client: Redis;
  /** As kill -9 does. */
  kill(): Promise<void>;
  /** Stops it in its tracks, with its connections open, or lets it go on. */
  freeze(): void;
  thaw(): void;
  /** Starts it anew with what it kept. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

const startMs = 20_000;

interface RedisChoices {
  password?: string;
  /** One node that has all slots of a cluster. */
  cluster?: boolean;
  /** A further port that speaks TLS, with this certificate. */
  tls?: KeyPairFiles & { port: number; authority: string };
}

const say = (line: string) => void process.stderr.write(`${line}\n`);

/**
 * A server on loopback, with a folder of its own. It is installed from Debian's packages if need be.
 *
 * @throws Error for a person, where it is missing and cannot be installed
 */
export async function startRedis({
  password,
  cluster,
  tls,
}: RedisChoices = {}): Promise<RedisServer> {
  await ensureDebianPackages({ "redis-server": "redis-server" }, say);
  const port = await freePort();
  const processes = await GuardedProcesses.open("redis");
  const parameters = [
    ["--port", String(port), "--bind", "127.0.0.1", "--dir", processes.folder],
    ["--save", "", "--appendonly", "yes", "--appendfsync", "everysec"],
    password === undefined ? [] : ["--requirepass", password],
    cluster === true ? ["--cluster-enabled", "yes", "--cluster-announce-ip", "127.0.0.1"] : [],
    tls === undefined ? [] : tlsFlags(tls),
  ].flat();
  const credentials = password === undefined ? {} : { password };
  const client = new Redis({ host: "127.0.0.1", port, ...credentials, retryStrategy: () => 50 });
  client.on("error", () => undefined);
  let running: GuardedProcess;
  const restart = async () => {
    running = processes.start("redis", "redis-server", parameters);
    await untilAnswering(client, running);
  };
  await restart();
  if (cluster === true) await client.cluster("ADDSLOTSRANGE", 0, 16_383);
  return {
    host: "127.0.0.1",
    port,
    client,
    kill: () => running.kill(),
    freeze: () => running.signal("SIGSTOP"),
    thaw: () => running.signal("SIGCONT"),
    restart,
    stop: async () => {
      client.disconnect();
      await processes.end();
    },
  };
}

function tlsFlags(tls: NonNullable<RedisChoices["tls"]>): string[] {
  return [
    ["--tls-port", String(tls.port), "--tls-auth-clients", "no"],
    ["--tls-cert-file", tls.certificate, "--tls-key-file", tls.key],
    ["--tls-ca-cert-file", tls.authority],
  ].flat();
}

async function untilAnswering(client: Redis, server: GuardedProcess): Promise<void> {
  const giveUpAt = Date.now() + startMs;
  while (Date.now() < giveUpAt) {
    await server.assertRunning();
    const answer = await Promise.race([client.ping().catch(() => undefined), sleep(1_000)]);
    if (answer === "PONG") return;
    await sleep(20);
  }
  throw new Error(`redis-server did not answer within ${startMs} ms`);
}
