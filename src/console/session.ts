import { createHmac, hkdfSync, timingSafeEqual } from "node:crypto";

/** A day's work: whoever comes back tomorrow shows the token again. */
const sessionMs = 12 * 3_600_000;
const cookieName = "switchyard-console";

/**
 * Sessions of people who have shown the admin token, which a browser does not send by itself as a program does.
 * A session is its end, signed with a key that is derived from the token: no router keeps any, each router with the
 * same token takes those of the others, and all of them end when the token is changed.
 */
export class Sessions {
  readonly #key: Buffer;

  constructor(token: string) {
    this.#key = Buffer.from(hkdfSync("sha256", token, "", "switchyard console session", 32));
  }

  /** @param isSecure whether the browser came by TLS, behind a proxy: then it never sends the cookie without */
  begin(now: number, isSecure: boolean): string {
    const end = String(now + sessionMs);
    const value = `${end}.${this.#signatureOf(end).toString("base64url")}`;
    return cookie(value, sessionMs / 1_000, isSecure);
  }

  /** @param header the Cookie header of a request */
  isOpen(header: string | undefined, now: number): boolean {
    const [end = "", shown = ""] = valueIn(header).split(".", 2);
    if (!/^[0-9]{1,15}$/.test(end) || Number(end) <= now) return false;
    const signature = Buffer.from(shown, "base64url");
    const expected = this.#signatureOf(end);
    return signature.length === expected.length && timingSafeEqual(signature, expected);
  }

  #signatureOf(end: string): Buffer {
    return createHmac("sha256", this.#key).update(end).digest();
  }
}

export const endedSession = (): string => cookie("", 0, false);

/** Sent to the console alone, never from another site's page, and never shown to scripts. */
function cookie(value: string, maxAge: number, isSecure: boolean): string {
  const secure = isSecure ? "; Secure" : "";
  return `${cookieName}=${value}; Path=/console; Max-Age=${maxAge}; HttpOnly; SameSite=Strict${secure}`;
}

function valueIn(header = ""): string {
  const pair = header.split(/; */).find((each) => each.startsWith(`${cookieName}=`));
  return pair?.slice(cookieName.length + 1) ?? "";
}
