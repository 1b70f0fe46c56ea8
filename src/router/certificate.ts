import { readFileSync } from "node:fs";
import type { SecureContextOptions } from "node:tls";

/** Where the certificate of the API lies, as a mounted Secret of type kubernetes.io/tls has it. */
export interface CertificateFiles {
  certFile: string;
  keyFile: string;
}

export type Certificate = Required<Pick<SecureContextOptions, "cert" | "key">>;

/** Secrets are renewed in place, and the kubelet takes about a minute to show it. */
const rereadMs = 60_000;

/** @throws the error of reading either file */
export function readCertificate({ certFile, keyFile }: CertificateFiles): Certificate {
  return { cert: readFileSync(certFile), key: readFileSync(keyFile) };
}

/**
 * Gives a server its renewed certificate without a restart: connections that are open keep the old one.
 *
 * @returns what stops it
 */
export function followCertificate(
  files: CertificateFiles,
  adopt: (certificate: Certificate) => void,
  onTrouble: (error: unknown) => void,
): () => void {
  let last = String(readCertificate(files).cert);
  const timer = setInterval(() => {
    try {
      const certificate = readCertificate(files);
      if (String(certificate.cert) === last) return;
      adopt(certificate);
      last = String(certificate.cert);
    } catch (error) {
      // Half of a renewal may be there already; the other half comes, and the old one serves till then.
      onTrouble(error);
    }
  }, rereadMs);
  timer.unref();
  return () => clearInterval(timer);
}
