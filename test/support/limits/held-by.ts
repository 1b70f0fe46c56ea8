import type { RedisServer } from "../redis/redis-server.ts";

/**
 * What the store holds against a tenant that has one budget, in the present window: spent and reserved.
 *
 * @param tenant what its keys begin with, such as `switchyard:{default/team}`
 */
export async function heldBy({ client }: RedisServer, tenant: string): Promise<number> {
  const counters = await client.hgetall(`${tenant}:counters`);
  return Object.entries(counters)
    .filter(([field]) => /:[sr]$/.test(field))
    .reduce((sum, [, value]) => sum + Number(value), 0);
}
