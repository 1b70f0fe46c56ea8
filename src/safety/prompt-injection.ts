import { atOnce, type Steps } from "../lib/index.ts";
import { inOrder, type Filter, type Match, type Verdict } from "./filter.ts";

interface Attempt {
  name: string;
  /** How sure it is that such words are an attempt, in per cent. */
  sureness: number;
  pattern: RegExp;
}

const rules =
  "(?:instructions?|prompts?|rules|directions|guidelines|directives|commands|messages?|training|context|constraints|programming)";
const earlier =
  "(?:previous|prior|above|earlier|preceding|former|initial|original|existing|foregoing|system|all|any|your|my|the)";

/** Words by which people try it; far from all of them, see docs/safety.md. */
const attempts: readonly Attempt[] = [
  {
    name: "ignore-instructions",
    sureness: 95,
    pattern: new RegExp(
      `\\b(?:ignore|disregard|forget|override|bypass|neglect|skip|discard|drop|do not follow|don't follow|stop following)(?: (?:absolutely|completely|now|about|of|any|all|everything|the|these|those|your|my|our|to)){0,4}(?: ${earlier}){1,4}(?: (?:safety|security|content|system)){0,2} ${rules}\\b`,
      "gi",
    ),
  },
  {
    name: "forget-everything",
    sureness: 85,
    pattern:
      /\b(?:forget|ignore|disregard) (?:everything|anything|all|what)(?: that)?(?: (?:was|were|has been|you were|you've been|i|we))?(?: (?:told|said|written|given|taught|instructed|know|stated))?(?: (?:you|above|before|so far|previously|to you|until now)){1,3}\b/gi,
  },
  {
    name: "reveal-prompt",
    sureness: 90,
    pattern:
      /\b(?:reveal|show|print|repeat|output|display|disclose|leak|expose|dump|tell me|give me|write out|what (?:is|are|was|were))(?: (?:me|us|out|back|verbatim|exactly|all|of|the|your|full|entire|whole|complete|exact|initial|original|hidden|secret|internal)){1,6} (?:system (?:prompt|message|instructions?)|(?:initial|hidden|secret|original|internal) (?:prompt|instructions?))\b/gi,
  },
  {
    name: "repeat-above",
    sureness: 80,
    pattern:
      /\b(?:repeat|print|output|copy|echo)(?: (?:back|out|all|me|the|of|every|everything|text|words|content|verbatim)){1,5} (?:above|before this|prior to this)\b/gi,
  },
  {
    name: "no-restrictions",
    sureness: 90,
    pattern:
      /\b(?:you (?:are|have|will be)|act|respond|answer|behave|pretend|without|free)(?: \w{1,14}){0,6} (?:no|any|without|free of|free from|not bound by|unbound by|beyond)(?: \w{1,14}){0,2} (?:restrictions|limitations|filters|censorship|ethical guidelines|content polic(?:y|ies)|safety guidelines|moral constraints)\b/gi,
  },
  {
    name: "known-persona",
    sureness: 95,
    pattern:
      /\b(?:do anything now|(?:you are|act as|you're|become|as|be) (?:now )?(?:DAN|STAN|DUDE|AIM|EvilBOT|UCAR|BetterDAN|Mongo Tom)\b|developer mode (?:enabled|on|output)|jail ?broken? mode|(?:enable|enter|activate) (?:developer|god|dan|jailbreak|unrestricted|debug) mode|jailbreak prompt)/gi,
  },
  {
    name: "amoral-persona",
    sureness: 85,
    pattern:
      /\b(?:amoral|unfiltered|uncensored|unrestricted|unrestrained|immoral|unethical)(?:,? (?:and )?\w{1,14}){0,3} (?:ai|chatbot|bot|assistant|persona|responses?|replies|gpt)\b/gi,
  },
  {
    name: "never-refuses",
    sureness: 85,
    pattern:
      /\b(?:never|(?:does|do|will|can|must|shall) ?(?:not|n't)|don't|doesn't|won't|can't|cannot)(?: ever)? (?:refuses?|rejects?|declines?|denies|deny|censors?)(?: \w{1,14}){0,4} (?:requests?|questions?|prompts?|commands?|orders?|queries|anything|humans?|users?)\b/gi,
  },
  {
    name: "no-conscience",
    sureness: 85,
    pattern:
      /\b(?:regardless of|without (?:any )?regards? (?:for|to|of)|(?:doesn't|don't|does not|do not|never) (?:cares?|gives? a \w{2,5}) about|indifferent to|devoid of|lacks? (?:any )?)(?: \w{1,14}){0,3} (?:legality|legalities|illegality|ethicality|ethics|morality|morals|illegal|immoral|unethical)\b/gi,
  },
  {
    name: "other-model",
    sureness: 85,
    pattern:
      /\b(?:you are|you're|act as|acting as|pretend to be|become|impersonate)(?: \w{1,14}){0,3} (?!chat)[a-z]{3,20}gpt\b/gi,
  },
  {
    name: "new-role",
    sureness: 70,
    pattern:
      /\b(?:from now on|starting now|for the rest of this (?:chat|conversation)),? (?:you|your)(?: \w{1,14}){0,6} (?:are|act|answer|respond|behave|must|will|name)\b/gi,
  },
  {
    name: "new-instructions",
    sureness: 85,
    pattern:
      /(?:^|\n|[.!?:] )[#*\-= ]{0,8}(?:new|updated|real|actual|important new) (?:system )?(?:instructions?|prompt|task|directive)s? ?:/gi,
  },
  {
    name: "false-turn",
    sureness: 90,
    pattern:
      /<\|(?:im_start|im_end|system|assistant|endoftext|eot_id|start_header_id)\|>|\[\/?INST\]|<<\/?SYS>>|<\/?system(?:_prompt)?>|(?:^|\n)#{2,4} ?(?:system|instruction)s?:? ?\n/gi,
  },
  {
    name: "override-safety",
    sureness: 90,
    pattern:
      /\b(?:bypass|disable|turn off|circumvent|evade|override|deactivate|remove|switch off)(?: \w{1,14}){0,3} (?:safety|content|moderation|ethical|security|openai|anthropic)(?: \w{1,14}){0,2} (?:filters?|guidelines?|polic(?:y|ies)|restrictions?|protocols?|measures|guardrails?|training)\b/gi,
  },
  {
    name: "ignore-in-other-tongues",
    sureness: 90,
    pattern:
      /(?:ignorier(?:e|en sie)|vergiss|vergessen sie)(?: \p{L}{1,14}){0,4} (?:anweisungen|vorgaben|befehle|instruktionen)|(?:ignore[rz]?|oublie[rz]?)(?: \p{L}{1,14}){0,3} (?:instructions|consignes)(?: \p{L}{1,14}){0,2} (?:précédentes|ci-dessus|antérieures)|(?:ignora|olvida|ignore)(?: \p{L}{1,14}){0,3} (?:instrucciones|instruções|istruzioni)(?: \p{L}{1,14}){0,2} (?:anteriores|previas|precedenti)/giu,
  },
  {
    name: "encoded-orders",
    sureness: 75,
    pattern:
      /\b(?:decode|base64|rot13|reverse)(?: \w{1,14}){0,8} (?:and|then)(?: \w{1,14}){0,2} (?:follow|execute|obey|run|comply)\b/gi,
  },
];

/** A tripwire for attempts to talk a model out of its instructions: cheap, and easy to step over. */
export function promptInjectionFilter(
  name: string,
  { thresholdPercent }: { thresholdPercent: number } = { thresholdPercent: 80 },
): Filter {
  const wanted = attempts.filter(({ sureness }) => sureness >= thresholdPercent);
  function* inSteps(text: string): Steps<Verdict> {
    // Unit for unit, so that offsets stay.
    const plain = text.replaceAll(/[\t\u00a0]/g, " ");
    const matches: Match[] = [];
    for (const attempt of wanted) {
      yield;
      for (const { 0: words, index } of plain.matchAll(attempt.pattern)) {
        const rule = `prompt-injection/${attempt.name}`;
        matches.push({ rule, start: index, end: index + words.length });
      }
    }
    return { filter: name, matches: inOrder(matches) };
  }
  return { name, window: undefined, inspect: (text) => atOnce(inSteps(text)), inSteps };
}
