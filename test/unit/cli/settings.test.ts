import { describe, expect, it } from "vitest";
import { readEnvironment } from "../../../src/cli/environment.ts";
import { portRange, readFlags, refuseWords, wholeNumber } from "../../../src/cli/flags.ts";
import { listenProblem } from "../../../src/cli/listen-problem.ts";
import { routerSettings } from "../../../src/cli/router-settings.ts";
import { UsageError } from "../../../src/cli/usage-error.ts";

/** The lines of the sentence that a person would read. */
function problemsOf(act: () => unknown): string[] {
  try {
    act();
  } catch (error) {
    if (error instanceof UsageError) return error.message.split("\n");
    throw error;
  }
  return [];
}

describe("the environment", () => {
  it("has a default for everything that a router must know", () => {
    expect(readEnvironment({ PATH: "/bin", HOME: "/root" })).toEqual({
      SWITCHYARD_RECORDS: "stdout",
      SWITCHYARD_EMF: false,
      SWITCHYARD_RECORD_S3_FLUSH_MS: 300_000,
      SWITCHYARD_LOG_LEVEL: "info",
      SWITCHYARD_MAX_BODY_BYTES: 20 * 1024 * 1024,
      SWITCHYARD_MAX_HEADER_BYTES: 16 * 1024,
      SWITCHYARD_MAX_REQUESTS: 2_000,
      SWITCHYARD_MAX_HELD_BYTES: 128 * 1024 * 1024,
      SWITCHYARD_REQUEST_TIMEOUT_MS: 30_000,
      SWITCHYARD_CLIENT_STALL_MS: 30_000,
      SWITCHYARD_DRAIN_MS: 30_000,
      SWITCHYARD_REDIS_CLUSTER: false,
      SWITCHYARD_REDIS_KEY_PREFIX: "switchyard",
      SWITCHYARD_REDIS_TIMEOUT_MS: 100,
      SWITCHYARD_MAX_TENANT_LABELS: 100,
      SWITCHYARD_SLOW_REQUEST_MS: 10_000,
      SWITCHYARD_TABLE_DIR: "/var/lib/switchyard",
    });
  });

  it("is read as numbers and words", () => {
    const read = readEnvironment({
      SWITCHYARD_PORT: "0",
      SWITCHYARD_HOST: "::1",
      SWITCHYARD_LOG_LEVEL: "debug",
    });
    expect(read).toMatchObject({
      SWITCHYARD_PORT: 0,
      SWITCHYARD_HOST: "::1",
      SWITCHYARD_LOG_LEVEL: "debug",
    });
  });

  it("counts an empty variable as unset", () => {
    expect(readEnvironment({ SWITCHYARD_PORT: "", SWITCHYARD_DRAIN_MS: "" })).toMatchObject({
      SWITCHYARD_DRAIN_MS: 30_000,
    });
  });

  it("tells all that is wrong at once, by name", () => {
    const problems = problemsOf(() =>
      readEnvironment({
        SWITCHYARD_PORT: "http",
        SWITCHYARD_ADMIN_PORT: "70000",
        SWITCHYARD_LOG_LEVEL: "loud",
        SWITCHYARD_ADMIN_TOKEN: "short",
        SWITCHYARD_PROT: "8080",
      }),
    );
    expect(problems).toHaveLength(5);
    for (const name of ["PORT", "ADMIN_PORT", "LOG_LEVEL", "ADMIN_TOKEN", "PROT"]) {
      expect(problems.filter((each) => each.startsWith(`SWITCHYARD_${name}`))).toHaveLength(1);
    }
  });

  it.each([
    ["SWITCHYARD_PORT", "-1"],
    ["SWITCHYARD_PORT", "65536"],
    ["SWITCHYARD_PORT", "80.5"],
    ["SWITCHYARD_PORT", " "],
    ["SWITCHYARD_PORT", "0x50"],
    ["SWITCHYARD_PORT", "1e3"],
    ["SWITCHYARD_DRAIN_MS", "0"],
    ["SWITCHYARD_DRAIN_MS", "3600001"],
    ["SWITCHYARD_MAX_BODY_BYTES", "10"],
    ["SWITCHYARD_MAX_HEADER_BYTES", "1073741824"],
    ["SWITCHYARD_MAX_TENANT_LABELS", "many"],
    ["SWITCHYARD_MAX_HELD_BYTES", String(20 * 1024 * 1024 - 1)],
    ["switchyard_PORT".toUpperCase(), "true"],
  ])("refuses %s=%j", (name, value) => {
    const [problem, ...others] = problemsOf(() => readEnvironment({ [name]: value }));
    expect(problem).toMatch(new RegExp(`^${name}: `));
    expect(others).toEqual([]);
  });

  it("never repeats a secret", () => {
    const [problem] = problemsOf(() => readEnvironment({ SWITCHYARD_ADMIN_TOKEN: "hunter2" }));
    expect(problem).not.toContain("hunter2");
  });
});

describe("flags", () => {
  const options = { port: { type: "string" }, json: { type: "boolean" } } as const;

  it("are read with what stands beside them", () => {
    const { values, positionals } = readFlags(["a", "--port", "1", "--json", "b"], options);
    expect({ ...values }).toEqual({ port: "1", json: true });
    expect(positionals).toEqual(["a", "b"]);
  });

  it.each([[["--prot", "1"]], [["--port"]], [["--json=yes"]], [["-x"]]])(
    "%j get one sentence that says where help is",
    (words) => {
      const problems = problemsOf(() => readFlags(words, options));
      expect(problems).toHaveLength(1);
      expect(problems[0]).toMatch(/; --help lists what there is$/);
    },
  );

  it.each<[string | undefined, number | undefined]>([
    [undefined, undefined],
    ["0", 0],
    ["65535", 65_535],
    ["08080", 8_080],
  ])("that say %s mean %s", (text, value) => {
    expect(wholeNumber("port", text, portRange)).toBe(value);
  });

  it.each(["", " ", "-1", "65536", "1.5", "1e3", "0x10", "eighty", "٣"])(
    "that say %j are no port",
    (text) => {
      expect(problemsOf(() => wholeNumber("port", text, portRange))).toEqual([
        `--port must be a whole number from 0 to 65535, not "${text}"`,
      ]);
    },
  );

  it("are all that a command understands", () => {
    expect(problemsOf(() => refuseWords([]))).toEqual([]);
    expect(problemsOf(() => refuseWords(["serve"]))[0]).toContain('"serve"');
  });
});

describe("the settings of a router", () => {
  const defaultHost = "127.0.0.1";

  it("take a flag before its variable, and a variable before the default", () => {
    const environment = readEnvironment({
      SWITCHYARD_PORT: "1",
      SWITCHYARD_ADMIN_PORT: "2",
      SWITCHYARD_HOST: "h",
    });
    expect(
      routerSettings(environment, { port: "0", "admin-host": "a" }, defaultHost),
    ).toMatchObject({
      port: 0,
      adminPort: 2,
      host: "h",
      adminHost: "a",
    });
  });

  it("have a token only where one was given", () => {
    expect(routerSettings(readEnvironment({}), {}, defaultHost)).not.toHaveProperty("adminToken");
    const told = readEnvironment({ SWITCHYARD_ADMIN_TOKEN: "a-token-of-some-length" });
    expect(routerSettings(told, {}, defaultHost).adminToken).toBe("a-token-of-some-length");
  });
});

describe("a port that cannot be had", () => {
  it.each([
    [
      { code: "EADDRINUSE", port: 8080, address: "127.0.0.1" },
      /Port 8080 of 127\.0\.0\.1 is taken/,
    ],
    [{ code: "EACCES", port: 80 }, /Port 80 needs rights/],
    [{ code: "EADDRNOTAVAIL", address: "10.9.9.9" }, /10\.9\.9\.9 is no address of this machine/],
    [{ code: "ENOTFOUND" }, /The host is no address/],
  ])("is told in a sentence (%j)", (facts, sentence) => {
    const problems = problemsOf(() => listenProblem(Object.assign(new Error("listen"), facts)));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(sentence);
  });

  it.each([new Error("other"), undefined, "text"])(
    "leaves other errors as they are (%s)",
    (error) => {
      let thrown: unknown = "nothing";
      try {
        listenProblem(error);
      } catch (caught) {
        thrown = caught;
      }
      expect(thrown).toBe(error);
    },
  );
});
