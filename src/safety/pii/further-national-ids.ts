import { isDay, isShortDay, isShortDayFirst } from "./calendar.ts";
import { luhn, weighted } from "./checksums.ts";
import type { NationalId } from "./national-id-form.ts";

const last = (id: string): number => Number(id.at(-1));

/** The digit that brings a sum up to a multiple of 11; 10 and 11 count as their last digits. */
const upToEleven = (sum: number): number => (11 - (sum % 11)) % 10;

const valueOf = (letter: string): number => letter.charCodeAt(0) - 55;

const isSingaporean = (id: string): boolean => {
  const sum = weighted(id.slice(1), [2, 7, 6, 5, 4, 3, 2]);
  const offset = { S: 0, T: 4, F: 0, G: 4, M: 3 }[id.charAt(0)] ?? 0;
  const letters = /^[ST]/.test(id)
    ? "JZIHGFEDCBA"
    : id.startsWith("M")
      ? "KLJNPQRTUWX"
      : "XWUTRQPNMLK";
  const rest = (sum + offset) % 11;
  return letters.charAt(id.startsWith("M") ? 10 - rest : rest) === id.at(-1);
};

const isKorean = (id: string): boolean =>
  isShortDay(id) && upToEleven(weighted(id, [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5])) === last(id);

const curpCharacters = "0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ";

const isMexican = (id: string): boolean => {
  const sum = Array.from(id.slice(0, 17)).reduce(
    (total, character, index) => total + curpCharacters.indexOf(character) * (18 - index),
    0,
  );
  return isShortDay(id.slice(4)) && (10 - (sum % 10)) % 10 === last(id);
};

const isTurkish = (id: string): boolean => {
  const odd = weighted(id, [1, 0, 1, 0, 1, 0, 1, 0, 1]);
  const even = weighted(id, [0, 1, 0, 1, 0, 1, 0, 1]);
  const tenth = (((odd * 7 - even) % 10) + 10) % 10;
  return tenth === Number(id[9]) && (odd + even + tenth) % 10 === last(id);
};

const isAustralianTax = (id: string): boolean =>
  weighted(id, id.length === 9 ? [1, 4, 3, 7, 5, 8, 6, 9, 10] : [10, 7, 8, 4, 6, 3, 5, 1]) % 11 ===
  0;

const isMedicare = (id: string): boolean =>
  weighted(id, [1, 3, 7, 9, 1, 3, 7, 9]) % 10 === Number(id[8]);

/** A single letter counts as if a space stood before it. */
const isHongKong = (id: string): boolean => {
  const values = Array.from(id, (character) =>
    /\d/.test(character) ? Number(character) : valueOf(character),
  );
  const all = values.length === 8 ? [36, ...values] : values;
  return all.reduce((total, value, index) => total + value * (9 - index), 0) % 11 === 0;
};

const isTaiwanese = (id: string): boolean => {
  const region = "ABCDEFGHJKLMNPQRSTUVXYWZIO".indexOf(id.charAt(0)) + 10;
  const digits = `${region}${id.slice(1)}`;
  return weighted(digits, [1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1]) % 10 === 0;
};

const isChilean = (id: string): boolean => {
  const digits = Array.from(id.slice(0, -1)).toReversed();
  const sum = digits.reduce((total, digit, index) => total + Number(digit) * (2 + (index % 6)), 0);
  return "0K987654321".charAt(sum % 11) === id.at(-1);
};

const isJapanese = (id: string): boolean => {
  const rest = weighted(id, [6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
  return (rest < 2 ? 0 : 11 - rest) === last(id);
};

const isThai = (id: string): boolean =>
  (11 - (weighted(id, [13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11)) % 10 === last(id);

/** Day, month and year in six digits; women's days count from 41 in Indonesia. */
const isIndonesian = (id: string): boolean => {
  const day = Number(id.slice(6, 8)) % 40;
  return isDay(2000 + Number(id.slice(10, 12)), Number(id.slice(8, 10)), day);
};

const isRussianInsurance = (id: string): boolean => {
  const rest = weighted(id, [9, 8, 7, 6, 5, 4, 3, 2, 1]) % 101;
  return (rest === 100 ? 0 : rest) === Number(id.slice(9));
};

const always = (): boolean => true;

const isNhs = (id: string): boolean =>
  (11 - (weighted(id, [10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11)) % 11 === last(id);

/** Numbers of people outside of Europe, and those that count beside the word for them alone. */
export const furtherIds: readonly NationalId[] = [
  { name: "sg-nric", pattern: String.raw`[STFGMstfgm]\d{7}[A-Za-z]`, holds: isSingaporean },
  {
    name: "mx-curp",
    pattern: String.raw`[A-Za-z]{4}\d{6}[HMXhmx][A-Za-z]{5}[0-9A-Za-z]\d`,
    holds: isMexican,
  },
  {
    name: "kr-rrn",
    pattern: String.raw`\d{6}-?[1-8]\d{6}`,
    holds: isKorean,
    nearIfBare: "rrn|resident registration|주민등록번호",
  },
  {
    name: "ru-snils",
    pattern: String.raw`\d{3}[- ]?\d{3}[- ]?\d{3}[- ]?\d{2}`,
    holds: isRussianInsurance,
    near: "snils|снилс",
  },
  {
    name: "tr-tckn",
    pattern: String.raw`[1-9]\d{10}`,
    holds: isTurkish,
    near: "t\\.?c\\.?(?: kimlik)?(?: no)?|tckn|kimlik(?: (?:no|numarası))?",
  },
  {
    name: "za-id",
    pattern: String.raw`\d{6} ?\d{4} ?[01]\d ?\d`,
    holds: (id) => isShortDay(id) && luhn(id),
    near: "south african id|rsa id|sa id|id",
  },
  {
    name: "au-tfn",
    pattern: String.raw`\d{3} ?\d{3} ?\d{2,3}`,
    holds: isAustralianTax,
    near: "tfn|tax file(?: (?:number|no))?",
  },
  {
    name: "au-medicare",
    pattern: String.raw`[2-6]\d{3} ?\d{5} ?\d`,
    holds: isMedicare,
    near: "medicare(?: (?:card|number|no))?",
  },
  {
    name: "hk-id",
    pattern: String.raw`[A-Za-z]{1,2}\d{6} ?\(?[0-9Aa]\)?`,
    holds: isHongKong,
    near: "hkid|hong kong id(?:entity)?",
  },
  {
    name: "tw-id",
    pattern: String.raw`[A-Za-z][1289]\d{8}`,
    holds: isTaiwanese,
    near: "taiwan(?:ese)?(?: id)?|身分證(?:字號)?|身份證",
  },
  {
    name: "jp-my-number",
    pattern: String.raw`\d{4}[ -]?\d{4}[ -]?\d{4}`,
    holds: isJapanese,
    near: "my ?number|individual number|マイナンバー|個人番号",
  },
  {
    name: "in-pan",
    pattern: String.raw`[A-Za-z]{3}[Pp][A-Za-z]\d{4}[A-Za-z]`,
    holds: always,
    near: "pan(?: (?:card|number|no))?|permanent account",
  },
  {
    name: "il-id",
    pattern: String.raw`\d{8}-?\d`,
    holds: luhn,
    near: "teudat zehut|israeli id|תעודת זהות|ת\\.ז",
  },
  {
    name: "th-pin",
    pattern: String.raw`[1-8][ -]?\d{4}[ -]?\d{5}[ -]?\d{2}[ -]?\d`,
    holds: isThai,
    near: "thai(?: (?:id|citizen))?|เลขประจำตัวประชาชน|บัตรประชาชน",
  },
  {
    name: "my-kad",
    pattern: String.raw`\d{6}-?\d{2}-?\d{4}`,
    holds: isShortDay,
    near: "mykad|nric|ic(?: (?:no|number))?|kad pengenalan",
  },
  {
    name: "id-nik",
    pattern: String.raw`[1-9]\d{15}`,
    holds: isIndonesian,
    near: "nik|ktp|nomor induk(?: kependudukan)?",
  },
  {
    name: "pk-cnic",
    pattern: String.raw`[1-7]\d{4}-?\d{7}-?\d`,
    holds: always,
    near: "cnic|nadra",
  },
  {
    name: "cl-rut",
    pattern: String.raw`\d{1,2}\.?\d{3}\.?\d{3}-?[0-9Kk]`,
    holds: isChilean,
    near: "r\\.?u\\.?[tn]\\.?|rol único",
  },
  {
    name: "ar-pe-dni",
    pattern: String.raw`\d{2}\.?\d{3}\.?\d{3}`,
    holds: always,
    near: "d\\.?n\\.?i\\.?|documento nacional|documento de identidad",
  },
  {
    name: "co-ec-cedula",
    pattern: String.raw`\d{1,3}(?:\.\d{3}){2,3}|\d{7,10}`,
    holds: always,
    near: "c[ée]dula(?: de (?:ciudadanía|identidad))?",
  },
  {
    name: "gb-nhs",
    pattern: String.raw`\d{3}[ -]?\d{3}[ -]?\d{4}`,
    holds: isNhs,
    near: "nhs(?: (?:number|no))?",
  },
  {
    name: "de-pension-number",
    pattern: String.raw`\d{2} ?\d{6} ?[A-Za-z] ?\d{3}`,
    holds: (id) => isShortDayFirst(id.slice(2)),
    near: "(?:sozial|renten)versicherungs\\w*|sv[- ]?nummer|svnr|rvnr",
  },
  {
    name: "lv-personas-kods",
    pattern: String.raw`\d{6}-?\d{5}`,
    holds: (id) => id.startsWith("32") || isShortDayFirst(id),
    near: "personas kods",
  },
  {
    name: "is-kennitala",
    pattern: String.raw`\d{6}-?\d{4}`,
    holds: (id) => isShortDayFirst(id) && weighted(id, [3, 2, 7, 6, 5, 4, 3, 2, 1]) % 11 === 0,
    near: "kennitala",
  },
  {
    name: "jmbg",
    pattern: String.raw`\d{13}`,
    holds: (id) =>
      ((11 - (weighted(id, [7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11)) % 11) % 10 === last(id),
    near: "em[sš]o|jmbg|јмбг|матичен број",
  },
  {
    name: "hu-tax-id",
    pattern: String.raw`8\d{9}`,
    holds: (id) => weighted(id, [1, 2, 3, 4, 5, 6, 7, 8, 9]) % 11 === last(id),
    near: "adóazonosító(?: jel)?",
  },
  {
    name: "hu-taj",
    pattern: String.raw`\d{3}[ -]?\d{3}[ -]?\d{3}`,
    holds: (id) => weighted(id, [3, 7, 3, 7, 3, 7, 3, 7]) % 10 === last(id),
    near: "taj(?:[- ]?szám)?",
  },
];
