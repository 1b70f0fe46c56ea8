import { everyMatch, type Detector } from "../detector.ts";

// A key of RSA's longest usual length, 8,192 bits, takes 6,400 units; what is cut short is one as well.
const key =
  /-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----(?:[A-Za-z0-9+/=,:\s\\-]{0,7000}?-----END (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----|[A-Za-z0-9+/=\s\\]{0,7000})/g;

export const privateKey: Detector = {
  longest: 7_200,
  find: (text) =>
    text.includes("PRIVATE KEY")
      ? everyMatch(key, text).map(({ 0: word, index }) => ({
          rule: "secrets/private-key",
          start: index,
          end: index + word.trimEnd().length,
        }))
      : [],
};

const opening = /-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY/g;
const closing = /-----END (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----/;

/** Where a key begins that may still go on; the length of the text where none does. */
export function openKey(text: string): number {
  const last = text.includes("-----BEGIN ") ? [...text.matchAll(opening)] : [];
  const open = last.find(
    ({ index }) => text.length - index < privateKey.longest && !closing.test(text.slice(index)),
  );
  return open?.index ?? text.length;
}
