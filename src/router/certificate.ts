import { readFileSync } from "node:fs";
import { createSecureContext, type SecureVersion } from "node:tls";

/** Where the certificate of the API lies, as a mounted Secret of type kubernetes.io/tls has it. */
export interface CertificateFiles {
  certFile: string;
  keyFile: string;
  /** How often they are looked at, in milliseconds; a minute unless told. */
  rereadMs?: number;
}

/** With the least version, which a server forgets when it is given another certificate without it. */
interface Certificate {
  cert: Buffer;
  key: Buffer;
  minVersion: SecureVersion;
}

/** The certificate of the API cannot be read, or is none; the message says which file and why. */
export class CertificateError extends Error {
  override readonly name = "CertificateError";
}

/** Secrets are renewed in place, and the kubelet takes about a minute to show it. */
const usualRereadMs = 60_000;

/** @throws CertificateError where either file cannot be read, or the key is not the certificate's */
export function readCertificate({ certFile, keyFile }: CertificateFiles): Certificate {
  const certificate: Certificate = {
    cert: readPart(certFile),
    key: readPart(keyFile),
    minVersion: "TLSv1.2",
  };
  try {
    createSecureContext(certificate);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CertificateError(`${certFile} and ${keyFile} are no pair: ${why}`, { cause: error });
  }
  return certificate;
}

function readPart(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CertificateError(`${file} cannot be read: ${why}`, { cause: error });
  }
}

/**
 * Gives a server its renewed certificate without a restart: connections that are open keep the old one.
 *
 * @param onTrouble told once of each trouble, however long it lasts
 * @returns what stops it
 */
export function followCertificate(
  files: CertificateFiles,
  adopt: (certificate: Certificate) => void,
  onTrouble: (error: unknown) => void,
): () => void {
  // What the server began with may have been renewed since: it gets the same once more.
  let last = "";
  let trouble = "";
  const timer = setInterval(() => {
    try {
      const certificate = readCertificate(files);
      trouble = "";
      if (textOf(certificate) === last) return;
      adopt(certificate);
      last = textOf(certificate);
    } catch (error) {
      // Half of a renewal may be there already; the other half comes, and the old one serves till then.
      if (String(error) === trouble) return;
      trouble = String(error);
      onTrouble(error);
    }
  }, files.rereadMs ?? usualRereadMs);
  timer.unref();
  return () => clearInterval(timer);
}

const textOf = ({ cert, key }: Certificate): string => `${cert.toString()}\n${key.toString()}`;
