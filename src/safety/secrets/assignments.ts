import { before, everyMatch, type Detector } from "../detector.ts";
import type { Match } from "../filter.ts";

// The name of a secret, what joins it to its value, and the value; the value alone is the match.
const quoted = String.raw`"[^"\n]{6,200}"|'[^'\n]{6,200}'|\x60[^\x60\n]{6,200}\x60`;
const bare = String.raw`[^\s"'\x60,;<>(){}[\]]{6,200}`;
const secretName = String.raw`pass(?:word|wd|phrase|code)?|pwd?|passwort|contraseña|mot de passe|secret|token|credentials?|secret[_ .-]?access[_ .-]?key|(?:api|access|auth|secret|private|encryption|signing|account|master|client|storage|subscription|service|session|shared|admin|license|webhook)[_ .-]?(?:key|token|secret|password|pwd)|(?:aws|azure|gcp|db|database|root|admin|user|smtp|redis|mysql|postgres|pg|mongo|jwt|app|rabbitmq|ldap|vpn|wifi|wi-fi|ssh|ftp|account|login|temporary|temp|new|current|bot|personal|refresh|id|bearer)[_ .-]?(?:pass(?:word|wd|phrase|code)?|pwd|secret|key|token)`;
const assignment = new RegExp(
  String.raw`(?<![\p{L}\p{N}])(?:[A-Za-z0-9]{1,24}[_-]){0,4}(?<name>${secretName})(?![_-](?:source|type|name|url|uri|path|file|id|ttl|expiry|length|policy|provider|count|limit|field|hint)\b)(?:[_-][A-Za-z0-9]{1,16}){0,2}["'\x60*]{0,3}(?<joint>\s{0,3}(?:=>|:=|[:=])\s{0,3}|\s(?:is|was|ist|est|es)(?: now| set to)?:?\s{1,2})(?<value>${quoted}|${bare})`,
  "giu",
);
/** A value that names a secret or stands in for one. */
const standIn =
  /^(?:\$|%|<|\{|\[|\*{3}|x{4}|\.{3}|-{3}|your|my[_-]|example|sample|dummy|changeme|change[_-]me|replace|placeholder|redacted|none|null|undefined|true|false|required|optional|process\.env|os\.|env\.|env\[|config\.|secrets\.|vault:|arn:|https?:|file:|string|todo|tbd|n\/a|hidden|masked|insert|enter|fake|test$)/i;
/** A member of something in a program. */
const expression = /^[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)+$/;
const noSecrets = [standIn, expression, /\s/, /^[\d.,:/-]+$/];
const hints = /pass|pwd?|contrase|secret|token|credential|key|mot de passe/i;
/** Of the words in a name the last, what may follow in it, and a joint: names without a value are common. */
const joined = new RegExp(
  String.raw`(?:${hints.source})[\p{L}\p{N}_-]{0,48}["'\x60*]{0,3}(?:\s{0,3}[:=]|\s(?:is|was|ist|est|es)[\s:])`,
  "iu",
);

/** What pages, cursors and forms call a token opens nothing. */
const handle =
  /(?:page|next|continuation|cursor|sync|csrf|xsrf|pagination|start|end|max|min|total|prompt|completion)[_ .-]?tokens?$/i;
/** A secret behind a flag of a command, or behind the user whom it lets in. */
const flag =
  /(?<![\w-])(?:--?(?:password|passwd|pass|pwd|token|secret|api[-_]?key|access[-_]?key|auth[-_]?token)[ =]|sshpass -p ?|(?:mysql|mysqldump|mariadb)\s(?:-[\w-]{1,20}(?: [\w.]{1,30})? ){0,4}-p|(?:curl|wget|http)\s(?:-[\w-]{1,20} ){0,4}(?:-u|--user) ?["']?[\w.@-]{1,64}:|requirepass )["']?(?<value>[^\s"'\x60]{6,200})/gi;

const header =
  /(?<![\p{L}\p{N}])(?:authorization["']?\s{0,3}[:=]\s{0,3}["']?(?:bearer|basic|token)|bearer)\s{1,2}(?<value>[A-Za-z0-9_.~+/=-]{16,400})/giu;
const connection =
  /(?<![A-Za-z0-9])[a-z][a-z0-9+.-]{2,24}:\/\/[^\s:/@"'<>]{0,100}:(?<value>[^\s@/"'<>${}]{3,200})@[A-Za-z0-9[]/gi;
/** A name and a value with nothing between them, where the value is too random for a word. */
const beside =
  /(?<![\p{L}\p{N}])(?:api|access|auth|secret|private|account|license)[ _-]?(?:key|token)\s{1,2}(?<value>[\w-]{20,128})(?![\w-])/giu;
/** What of it costs little to look for. */
const userInfo = /:\/\/[^\s:/@"'<>]{0,100}:[^\s@/"'<>${}]{3,200}@/;
const azure =
  /(?<![A-Za-z])(?:AccountKey|SharedAccessKey|SharedSecretValue)=(?<value>[A-Za-z0-9+/]{40,100}={0,2})/g;
const awsSecret = /aws.{0,40}?(?<![A-Za-z0-9+/=])(?<value>[A-Za-z0-9+/]{40})(?![A-Za-z0-9+/=])/gi;

function find(text: string): Match[] {
  const matches: Match[] = [];
  // Of rules that find the same, the first one names it.
  if (/aws/i.test(text))
    matches.push(...values("aws-secret-access-key", awsSecret, text, isBase64));
  if (/(?:Key|Value)=/.test(text)) matches.push(...values("azure-key", azure, text, varies));
  if (/bearer|authorization/i.test(text))
    matches.push(...values("authorization", header, text, varies));
  if (/-p|-u|--|requirepass/.test(text))
    matches.push(...values("command-line", flag, text, isGiven));
  if (text.includes("://") && userInfo.test(text))
    matches.push(...values("connection-string", connection, text, isNoStandIn));
  if (!hints.test(text)) return matches;
  if (joined.test(text)) matches.push(...values("assigned-secret", assignment, text, isSecret));
  matches.push(...values("assigned-secret", beside, text, isRandom));
  return matches;
}

function values(
  name: string,
  pattern: RegExp,
  text: string,
  counts: (value: string, found: RegExpExecArray) => boolean,
): Match[] {
  return everyMatch(pattern, text).flatMap((found) => {
    const written = part(found, "value");
    const value = written.replace(/^(["'`])(.*)\1$/, "$2").replace(/[.!?*]+$/, "");
    if (!counts(value, found)) return [];
    const start = found.index + found[0].lastIndexOf(written) + written.indexOf(value);
    return [{ rule: `secrets/${name}`, start, end: start + value.length }];
  });
}

/** A variable stands where its value would. */
const isGiven = (value: string): boolean =>
  isNoStandIn(value) && kinds(value) > 1 && new Set(value).size > 4;

const isNoStandIn = (value: string): boolean => !standIn.test(value);

const isRandom = (value: string): boolean =>
  new Set(value).size >= 10 && (value.match(/\d/g)?.length ?? 0) >= 4;

const varies = (value: string): boolean => new Set(value).size >= 10 && /\d/.test(value);

/** A hash is as long as an AWS secret, and all in one case. */
const isBase64 = (value: string): boolean =>
  varies(value) && /[a-z]/.test(value) && /[A-Z]/.test(value);

/** How many kinds of characters there are of small and capital letters, digits, and signs. */
const kinds = (value: string): number =>
  [/\p{Ll}/u, /\p{Lu}/u, /\d/, /[^\p{L}\d]/u].filter((kind) => kind.test(value)).length;

/** Words are rarely secrets and secrets are rarely words; after `is` a sentence may simply go on. */
function isSecret(value: string, found: RegExpExecArray): boolean {
  if (noSecrets.some((pattern) => pattern.test(value)) || new Set(value).size < 5) return false;
  const name = part(found, "name");
  if (isHandle(found)) return false;
  const password = /pass|pwd?|contrase/i.test(name);
  if (/\d/.test(value))
    return value.length >= (password ? 6 : kinds(value) > 2 ? 12 : 16) && kinds(value) > 1;
  if (/[a-z]/i.test(part(found, "joint"))) return false;
  return password ? isMixed(value) : isScrambled(value);
}

/** The name begins before what the pattern calls by it: `next_page_token`. */
const isHandle = ({ 0: whole, index, input, groups }: RegExpExecArray): boolean => {
  const end = index + whole.indexOf(groups?.["joint"] ?? "");
  return handle.test(before(input, end, 32).replace(/["'`*]+$/, ""));
};

/** Letters of both cases that make no words: of these the small ones stand in rows of three and more. */
function isScrambled(value: string): boolean {
  if (!/^[A-Za-z]{20,128}$/.test(value) || !/[A-Z]/.test(value)) return false;
  const rows = value.match(/[a-z]+/g) ?? [];
  return rows.length > 3 && rows.join("").length / rows.length < 2.8;
}

const isMixed = (value: string): boolean => value.length > 7 && kinds(value) > 2;

const part = (found: RegExpExecArray, name: string): string => found.groups?.[name] ?? "";

export const assignments: Detector = { longest: 700, find };
