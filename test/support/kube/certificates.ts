import { execFile } from "node:child_process";
import { generateKeyPair, randomUUID } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const makeKeyPair = promisify(generateKeyPair);

/** What a certificate says of its holder. */
interface Holder {
  /** The user to the API server. */
  commonName: string;
  /** The user's groups. */
  organization?: string;
  /** "DNS:name" and "IP:address" of a server; absent for a client. */
  names?: readonly string[];
}

/** Files in PEM. */
export interface KeyPairFiles {
  certificate: string;
  key: string;
}

/** A certificate authority that lives in a folder and for a day. */
export interface Authority {
  /** Its own certificate, PEM file and text. */
  certificate: string;
  pem: string;
  /** Writes NAME.crt and NAME.key beside its own. */
  issue(name: string, holder: Holder): Promise<KeyPairFiles>;
}

/** @throws Error where openssl is not there or refuses */
export async function makeAuthority(folder: string): Promise<Authority> {
  const own = { certificate: join(folder, "ca.crt"), key: await writeKey(folder, "ca") };
  await openssl("req -x509 -new -sha256 -days 1", {
    key: own.key,
    subj: "/CN=switchyard-test-ca",
    out: own.certificate,
  });
  return {
    certificate: own.certificate,
    pem: await readFile(own.certificate, "utf8"),
    issue: (name, holder) => issue(folder, own, name, holder),
  };
}

/** Writes NAME.key: an EC private key on P-256, in the one form that Kubernetes also takes for tokens. */
export async function writeKey(folder: string, name: string): Promise<string> {
  const path = join(folder, `${name}.key`);
  const { privateKey } = await makeKeyPair("ec", { namedCurve: "P-256" });
  await writeFile(path, privateKey.export({ type: "sec1", format: "pem" }), { mode: 0o600 });
  return path;
}

async function issue(
  folder: string,
  authority: KeyPairFiles,
  name: string,
  holder: Holder,
): Promise<KeyPairFiles> {
  const [key, request] = [await writeKey(folder, name), join(folder, `${name}.csr`)];
  const [certificate, extensions] = [join(folder, `${name}.crt`), join(folder, `${name}.ext`)];
  const organization = holder.organization === undefined ? "" : `/O=${holder.organization}`;
  const subject = `${organization}/CN=${holder.commonName}`;
  await openssl("req -new -sha256", { key, subj: subject, out: request });
  await writeFile(extensions, extensionsOf(holder));
  await openssl("x509 -req -sha256 -days 1", {
    in: request,
    out: certificate,
    CA: authority.certificate,
    CAkey: authority.key,
    extfile: extensions,
    // Without one, versions differ in whether they want a file to count in.
    set_serial: `0x${randomUUID().replaceAll("-", "").slice(1)}`,
  });
  return { certificate, key };
}

function extensionsOf(holder: Holder): string {
  const usage = holder.names === undefined ? "clientAuth" : "serverAuth,clientAuth";
  const names = holder.names === undefined ? [] : [`subjectAltName=${holder.names.join(",")}`];
  return ["keyUsage=digitalSignature", `extendedKeyUsage=${usage}`, ...names, ""].join("\n");
}

async function openssl(command: string, options: Readonly<Record<string, string>>): Promise<void> {
  const values = Object.entries(options).flatMap(([name, value]) => [`-${name}`, value]);
  try {
    await run("openssl", [...command.split(" "), ...values], { timeout: 30_000 });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`openssl could not make a certificate: ${reason}`, { cause });
  }
}
