import { isDay, isShortDay, isShortDayFirst } from "./calendar.ts";
import { luhn, mod11And10, mod97, verhoeff, weighted } from "./checksums.ts";
import type { NationalId } from "./national-id-form.ts";
import { furtherIds } from "./further-national-ids.ts";

const dot = String.raw`[. ]?`;
const dash = String.raw`[ -]?`;

const checkLetter = (letters: string, number: number): string =>
  letters.charAt(number % letters.length);

const dniLetters = "TRWAGMYFPDXBNJZSQVHLCKE";

const isDni = (id: string): boolean =>
  checkLetter(
    dniLetters,
    Number(id.slice(0, -1).replace(/^[XYZ]/, (first) => String("XYZ".indexOf(first)))),
  ) === id.at(-1);

const last = (id: string): number => Number(id.at(-1));

const isSsn = (id: string): boolean =>
  !/^(?:000|666|9)/.test(id) &&
  !/^.{3}00/.test(id) &&
  !id.endsWith("0000") &&
  !/^(\d)\1+$/.test(id);

const isBelgian = (id: string): boolean => {
  const check = Number(id.slice(9));
  return [id.slice(0, 9), `2${id.slice(0, 9)}`].some(
    (number) => 97 - (Number(number) % 97) === check,
  );
};

const isFrench = (id: string): boolean =>
  97 - mod97(id.slice(0, 13).replace("2A", "19").replace("2B", "18")) === Number(id.slice(13));

const isPesel = (id: string): boolean => {
  const month = Number(id.slice(2, 4)) % 20;
  if (!isShortDay(`${id.slice(0, 2)}${String(month).padStart(2, "0")}${id.slice(4, 6)}`))
    return false;
  return (10 - (weighted(id, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3]) % 10)) % 10 === last(id);
};

const isNorwegian = (id: string): boolean =>
  weighted(id, [3, 7, 6, 1, 8, 9, 4, 5, 2, 1]) % 11 === 0 &&
  weighted(id, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]) % 11 === 0;

/** A number in which each digit but one occurs once, as Germany gives them out. */
const isGermanTaxId = (id: string): boolean => {
  const counts = new Map<string, number>();
  for (const digit of id.slice(0, 10)) counts.set(digit, (counts.get(digit) ?? 0) + 1);
  const most = Math.max(...counts.values());
  return !id.startsWith("0") && (most === 2 || most === 3) && mod11And10(id);
};

const oddValues = [
  1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23,
];

const isItalian = (id: string): boolean => {
  const sum = Array.from(id.slice(0, 15)).reduce((total, character, index) => {
    const value = /\d/.test(character) ? Number(character) : character.charCodeAt(0) - 65;
    return total + (index % 2 === 0 ? (oddValues[value] ?? 0) : value);
  }, 0);
  return String.fromCharCode(65 + (sum % 26)) === id.at(-1);
};

const isFinnish = (id: string): boolean =>
  isShortDayFirst(id) &&
  checkLetter("0123456789ABCDEFHJKLMNPRSTUVWXY", Number(id.slice(0, 6) + id.slice(-4, -1))) ===
    id.at(-1);

const isCzech = (id: string): boolean => {
  const month = (Number(id.slice(2, 4)) % 50) % 20;
  return (
    isShortDay(`${id.slice(0, 2)}${String(month).padStart(2, "0")}${id.slice(4, 6)}`) &&
    (Number(id) % 11 === 0 || (Number(id.slice(0, 9)) % 11 === 10 && last(id) === 0))
  );
};

const isRomanian = (id: string): boolean => {
  const rest = weighted(id, [2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11;
  return isShortDay(id.slice(1)) && (rest === 10 ? 1 : rest) === last(id);
};

const isBulgarian = (id: string): boolean => {
  const month = Number(id.slice(2, 4)) % 20;
  return (
    isShortDay(`${id.slice(0, 2)}${String(month).padStart(2, "0")}${id.slice(4, 6)}`) &&
    (weighted(id, [2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11) % 10 === last(id)
  );
};

const isBaltic = (id: string): boolean => {
  const first = weighted(id, [1, 2, 3, 4, 5, 6, 7, 8, 9, 1]) % 11;
  const check = first < 10 ? first : (weighted(id, [3, 4, 5, 6, 7, 8, 9, 1, 2, 3]) % 11) % 10;
  return isShortDay(id.slice(1)) && check === last(id);
};

const isSwiss = (id: string): boolean =>
  (10 - (weighted(id, [1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3]) % 10)) % 10 === last(id);

const isIrish = (id: string): boolean => {
  const second = id.length === 9 ? id.charCodeAt(8) - 64 : 0;
  const sum = weighted(id, [8, 7, 6, 5, 4, 3, 2]) + (second === 23 ? 0 : second * 9);
  return checkLetter("WABCDEFGHIJKLMNOPQRSTUV", sum) === id.charAt(7);
};

const isPortuguese = (id: string): boolean => {
  const check = 11 - (weighted(id, [9, 8, 7, 6, 5, 4, 3, 2]) % 11);
  return (check > 9 ? 0 : check) === last(id);
};

const isDutch = (id: string): boolean =>
  id !== "000000000" && weighted(id, [9, 8, 7, 6, 5, 4, 3, 2, -1]) % 11 === 0;

const isAustrian = (id: string): boolean =>
  isShortDayFirst(id.slice(4)) &&
  weighted(`${id.slice(0, 3)}${id.slice(4)}`, [3, 7, 9, 5, 8, 4, 2, 1, 6]) % 11 === Number(id[3]);

const isBrazilian = (id: string): boolean => {
  const check = (length: number): number => {
    const weights = Array.from({ length }, (_, index) => length + 1 - index);
    return ((weighted(id, weights) * 10) % 11) % 10;
  };
  return !/^(\d)\1+$/.test(id) && check(9) === Number(id[9]) && check(10) === Number(id[10]);
};

const isSwedish = (id: string): boolean => {
  const short = id.slice(-10);
  const day = Number(short.slice(4, 6));
  // A coordination number counts its day from 61.
  return (
    isShortDay(`${short.slice(0, 4)}${String(day > 60 ? day - 60 : day).padStart(2, "0")}`) &&
    luhn(short)
  );
};

const chineseWeights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

const isChinese = (id: string): boolean =>
  isDay(Number(id.slice(6, 10)), Number(id.slice(10, 12)), Number(id.slice(12, 14))) &&
  "10X98765432".charAt(weighted(id, chineseWeights) % 11) === id.at(-1);

/** Every number that is known, those that speak for themselves first. */
export const nationalIds: readonly NationalId[] = [
  {
    name: "us-ssn",
    pattern: String.raw`\d{3}([ -]?)\d{2}\1\d{4}`,
    holds: isSsn,
    near: "ssn|social security|soc sec|ss ?#|social|taxpayer",
  },
  {
    name: "us-itin",
    pattern: String.raw`9\d{2}-?[5-9]\d-?\d{4}`,
    holds: () => true,
    near: "itin|taxpayer",
  },
  {
    name: "gb-nino",
    pattern: String.raw`(?!BG|GB|KN|NK|NT|TN|ZZ|bg|gb|kn|nk|nt|tn|zz)[A-CEGHJ-PR-TW-Za-ceghj-pr-tw-z][A-CEGHJ-NPR-TW-Za-ceghj-npr-tw-z](?: ?\d{2}){3} ?[A-Da-d]`,
    holds: () => true,
  },
  {
    name: "fr-nir",
    pattern: String.raw`[12378] ?\d{2} ?(?:0[1-9]|1[0-2]|[2-9]\d) ?(?:\d{2}|2[ABab]) ?\d{3} ?\d{3} ?\d{2}`,
    holds: isFrench,
  },
  {
    name: "it-codice-fiscale",
    pattern: String.raw`[A-Za-z]{3} ?[A-Za-z]{3} ?\d{2}[A-EHLMPR-Ta-ehlmpr-t]\d{2} ?[A-Za-z]\d{3}[A-Za-z]`,
    holds: isItalian,
  },
  { name: "es-dni", pattern: String.raw`\d{2}\.?\d{3}\.?\d{3}[ -]?[A-Za-z]`, holds: isDni },
  { name: "es-nie", pattern: String.raw`[XYZxyz][ -]?\d{7}[ -]?[A-Za-z]`, holds: isDni },
  {
    name: "fi-hetu",
    pattern: String.raw`\d{6}[-+A-FYXWVUa-fyxwvu]\d{3}[0-9A-Ya-y]`,
    holds: isFinnish,
  },
  { name: "ch-ahv", pattern: String.raw`756${dot}\d{4}${dot}\d{4}${dot}\d{2}`, holds: isSwiss },
  { name: "cn-id", pattern: String.raw`[1-9]\d{5}(?:19|20)\d{9}[0-9Xx]`, holds: isChinese },
  {
    name: "br-cpf",
    pattern: String.raw`\d{3}\.?\d{3}\.?\d{3}-?\d{2}`,
    holds: isBrazilian,
    nearIfBare: "cpf",
  },
  {
    name: "be-national-number",
    pattern: String.raw`\d{2}[. ]?\d{2}[. ]?\d{2}[- ]?\d{3}[. ]?\d{2}`,
    holds: isBelgian,
    nearIfBare: "rijksregister\\w*|registre national|numéro national|insz|niss|nrn",
  },
  {
    name: "no-fodselsnummer",
    pattern: String.raw`\d{6} ?\d{5}`,
    holds: (id) => isShortDayFirst(id) && isNorwegian(id),
    near: "fødselsnummer|fodselsnummer|personnummer|fnr",
  },
  {
    name: "se-personnummer",
    pattern: String.raw`(?:\d{2})?\d{6}[-+ ]?\d{4}`,
    holds: isSwedish,
    nearIfBare: "personnummer|personal identity|pnr",
  },
  {
    name: "dk-cpr",
    pattern: String.raw`\d{6}[- ]?\d{4}`,
    holds: isShortDayFirst,
    near: "cpr(?:[- ]?(?:nummer|nr))?|personnummer",
  },
  { name: "pl-pesel", pattern: String.raw`\d{11}`, holds: isPesel, near: "pesel" },
  {
    name: "cz-sk-rodne-cislo",
    pattern: String.raw`\d{6}/?\d{4}`,
    holds: isCzech,
    nearIfBare: "rodné číslo|rodne cislo|birth number|rč",
  },
  {
    name: "ro-cnp",
    pattern: String.raw`[1-8]\d{12}`,
    holds: isRomanian,
    near: "cnp|cod numeric personal",
  },
  { name: "bg-egn", pattern: String.raw`\d{10}`, holds: isBulgarian, near: "egn|егн" },
  {
    name: "ee-lt-isikukood",
    pattern: String.raw`[1-6]\d{10}`,
    holds: isBaltic,
    near: "isikukood|asmens kodas",
  },
  {
    name: "de-tax-id",
    pattern: String.raw`\d{2} ?\d{3} ?\d{3} ?\d{3}`,
    holds: isGermanTaxId,
    near: "steuer\\S{0,24}|tax id|idnr|tin",
  },
  {
    name: "nl-bsn",
    pattern: String.raw`\d{3}([. -]?)\d{3}\1\d{3}|\d{4}\.\d{2}\.\d{3}`,
    holds: isDutch,
    near: "bsn|burgerservicenummer|sofi\\w*",
  },
  {
    name: "at-svnr",
    pattern: String.raw`\d{4} ?\d{6}`,
    holds: isAustrian,
    near: "svnr|sv[- ]?nummer|sozialversicherungs\\w*",
  },
  { name: "ie-pps", pattern: String.raw`\d{7}[A-Wa-w][A-IWa-iw]?`, holds: isIrish, near: "ppsn?" },
  {
    name: "pt-nif",
    pattern: String.raw`[1-35-9]\d{2} ?\d{3} ?\d{3}`,
    holds: isPortuguese,
    near: "nif|contribuinte",
  },
  { name: "hr-oib", pattern: String.raw`\d{11}`, holds: mod11And10, near: "oib" },
  {
    name: "gr-amka",
    pattern: String.raw`\d{11}`,
    holds: (id) => isShortDayFirst(id) && luhn(id),
    near: "amka|αμκα",
  },
  {
    name: "ca-sin",
    pattern: String.raw`[0-79]\d{2}${dash}\d{3}${dash}\d{3}`,
    holds: luhn,
    near: "sin|social insurance",
  },
  {
    name: "in-aadhaar",
    pattern: String.raw`\d{4}[ -]?\d{4}[ -]?\d{4}`,
    // Samples that programs make up often carry Luhn's digit in place of Verhoeff's.
    holds: (id) => verhoeff(id) || luhn(id),
    near: "aadhaar|aadhar|uidai",
  },
  ...furtherIds,
];
