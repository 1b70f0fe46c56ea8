// Runs before `npm start` and `npm test`, on whatever Node the machine has: plain JavaScript, no
// package. Installs what package-lock.json names and node_modules lacks; says nothing otherwise.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

function lockedPackages(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8")).packages;
  } catch {
    return {};
  }
}

/** Packages that are not there in the version that the lock file names. */
function missingPackages() {
  const wanted = lockedPackages(join(root, "package-lock.json"));
  const installed = lockedPackages(join(root, "node_modules", ".package-lock.json"));
  return Object.keys(wanted).filter((path) => {
    if (path === "") return false;
    // Bindings for other platforms are optional, and rightly absent.
    if (installed[path] === undefined) return wanted[path].optional !== true;
    return installed[path].version !== wanted[path].version;
  });
}

const hasNode = () => existsSync(join(root, "node_modules", ".bin", "node"));

/** The npm that started this script, else the one on the path. */
function runNpm(parameters) {
  const npm = process.env.npm_execpath;
  return npm === undefined
    ? spawnSync("npm", parameters, {
        cwd: root,
        stdio: "inherit",
        shell: process.platform === "win32",
      })
    : spawnSync(process.execPath, [npm, ...parameters], { cwd: root, stdio: "inherit" });
}

const missing = missingPackages();
if (missing.length > 0 || !hasNode()) {
  const what =
    missing.length > 0
      ? `${missing.length} ${missing.length === 1 ? "package" : "packages"}`
      : "the project's Node";
  console.error(
    `Installing ${what} into node_modules (Node itself among them), once: up to a minute …`,
  );
  const { status, error } = runNpm(["install", "--no-audit", "--no-fund", "--loglevel=error"]);
  if (error !== undefined || status !== 0 || !hasNode()) {
    console.error(
      `npm install did not succeed${error === undefined ? "" : ` (${error.message})`}: see its words above, then run it by hand.`,
    );
    process.exit(status || 1);
  }
}
