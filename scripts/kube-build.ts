// `npm run kube:build`: finds or builds every part of the Kubernetes that tests run on, Prometheus and a collector,
// and says where they are. Names of binaries after `--` ask for these alone.
import { statSync } from "node:fs";
import { allBinaries, resolveBinaries, type BinaryName } from "../test/support/kube/binaries.ts";

const isKnown = (name: string): name is BinaryName =>
  (allBinaries as readonly string[]).includes(name);

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !isKnown(name));
const wanted = asked.length === 0 ? allBinaries : asked.filter(isKnown);

if (unknown.length > 0) {
  console.error(`${unknown.join(", ")}: not one of ${allBinaries.join(", ")}`);
  process.exitCode = 2;
} else {
  const binaries = await resolveBinaries(wanted);
  if (binaries.ok) {
    for (const path of Object.values(binaries.value)) {
      console.log(`${(statSync(path).size / 1_000_000).toFixed(0).padStart(4)} MB  ${path}`);
    }
  } else {
    console.error(binaries.error);
    process.exitCode = 1;
  }
}
