import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { locateThrough, sharesOf, type CpuProfile, type Share } from "./profile-shares.ts";

const mostFunctions = 40;
const mostPlaces = 20;

/** The largest shares of every profile in the folder, for people on a terminal. */
export async function profileLines(folder: string, bundle: string): Promise<string[]> {
  const locate = await locateThrough(bundle);
  const names = (await readdir(folder)).filter((name) => name.endsWith(".cpuprofile"));
  const each = await Promise.all(
    names.toSorted().map(async (name) => {
      const profile = JSON.parse(await readFile(join(folder, name), "utf8")) as CpuProfile;
      const { functions, withCalls, places } = sharesOf(profile, locate);
      return [
        "",
        `${name}, shares of its time on the core:`,
        ...places.slice(0, mostPlaces).map(line),
        "functions of the router with all that they call:",
        ...withCalls.slice(0, mostFunctions).map(line),
        "functions alone:",
        ...functions.slice(0, mostFunctions).map(line),
      ];
    }),
  );
  return each.flat();
}

const line = ({ share, name }: Share): string =>
  `  ${(share * 100).toFixed(1).padStart(5)} %  ${name}`;
