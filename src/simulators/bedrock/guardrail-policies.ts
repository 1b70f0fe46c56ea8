// What every simulated guardrail holds, whatever its id: a rule of each kind that AWS's have, simple
// enough to foretell.

export type GuardrailSource = "INPUT" | "OUTPUT";

/** One thing that a policy found. */
export interface Finding {
  /** The assessment's member, and its list therein. */
  policy: "topicPolicy" | "contentPolicy" | "wordPolicy" | "sensitiveInformationPolicy";
  list: "topics" | "filters" | "customWords" | "managedWordLists" | "piiEntities" | "regexes";
  /** As AWS tells it. */
  told: { action: "BLOCKED" | "ANONYMIZED"; detected: true } & Record<string, unknown>;
  /** Where it is masked, what by. */
  mask?: { text: string; by: string };
}

interface Rule {
  pattern: RegExp;
  /** Absent: in texts of either source. */
  source?: GuardrailSource;
  finding: (match: string) => Finding;
}

const blocked = { action: "BLOCKED", detected: true } as const;
const masked = { action: "ANONYMIZED", detected: true } as const;

const content = (type: string): Rule["finding"] => {
  const told = { type, confidence: "HIGH", filterStrength: "HIGH", ...blocked };
  return () => ({ policy: "contentPolicy", list: "filters", told });
};

const entity =
  (type: string, action: typeof blocked | typeof masked): Rule["finding"] =>
  (match) => ({
    policy: "sensitiveInformationPolicy",
    list: "piiEntities",
    told: { match, type, ...action },
    ...(action === masked ? { mask: { text: match, by: `{${type}}` } } : {}),
  });

const rules: readonly Rule[] = [
  {
    pattern: /\binvestment advice\b/gi,
    finding: () => ({
      policy: "topicPolicy",
      list: "topics",
      told: { name: "Investment advice", type: "DENY", ...blocked },
    }),
  },
  {
    pattern: /\bignore (?:all )?(?:previous|prior) instructions\b/gi,
    source: "INPUT",
    finding: content("PROMPT_ATTACK"),
  },
  { pattern: /\bbuild a bomb\b/gi, finding: content("MISCONDUCT") },
  {
    pattern: /\bforbidden\b/gi,
    finding: (match) => ({
      policy: "wordPolicy",
      list: "customWords",
      told: { match, ...blocked },
    }),
  },
  {
    pattern: /\bgoddamn\b/gi,
    finding: (match) => ({
      policy: "wordPolicy",
      list: "managedWordLists",
      told: { match, type: "PROFANITY", ...blocked },
    }),
  },
  {
    pattern: /\b[a-z0-9.]{1,64}@(?:[a-z0-9-]{1,63}\.){1,4}[a-z]{2,8}\b/gi,
    finding: entity("EMAIL", masked),
  },
  { pattern: /\b\d{3}-\d{2}-\d{4}\b/g, finding: entity("US_SOCIAL_SECURITY_NUMBER", blocked) },
  {
    pattern: /\bTICKET-\d{1,10}\b/g,
    finding: (match) => ({
      policy: "sensitiveInformationPolicy",
      list: "regexes",
      told: { name: "ticket", match, regex: "TICKET-\\d+", ...masked },
      mask: { text: match, by: "{ticket}" },
    }),
  },
];

/** What a guardrail's policies find in a text, each thing once. */
export function findingsIn(text: string, source: GuardrailSource): Finding[] {
  return rules
    .filter((rule) => rule.source === undefined || rule.source === source)
    .flatMap(({ pattern, finding }) => {
      const found = new Set(text.match(pattern) ?? []);
      return [...found].map(finding);
    });
}

/** The text with whatever is masked in it replaced. */
export const maskedText = (text: string, findings: readonly Finding[]): string =>
  findings.reduce(
    (rest, { mask }) => (mask === undefined ? rest : rest.replaceAll(mask.text, mask.by)),
    text,
  );

export const isBlocked = (findings: readonly Finding[]): boolean =>
  findings.some(({ told }) => told.action === "BLOCKED");

/** A guardrail whose id begins so does not exist. */
export const isKnownGuardrail = (identifier: string): boolean =>
  !/(?:^|\/)missing/.test(identifier);

/** What stands in the place of a text that is blocked. */
export const blockedText = "Sorry, the model cannot answer this question.";
