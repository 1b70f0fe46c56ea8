import type { Cue } from "./cues.ts";

/** Words by which people try to talk a model out of its instructions. */
export interface InjectionAttempt {
  name: string;
  /** How sure it is that such words are an attempt, in per cent. */
  sureness: number;
  pattern: RegExp;
  /** Words of which one stands in whatever the pattern matches, rare ones in texts that try nothing. */
  cue?: Cue;
  /** The same where words do not tell. */
  sign?: RegExp;
}

const rules =
  "(?:instructions?|prompts?|rules|directions|guidelines|directives|commands|messages?|training|context|constraints|programming)";
const earlier =
  "(?:previous|prior|above|earlier|preceding|former|initial|original|existing|foregoing|system|all|any|your|my|the)";

/** Far from all of them, see docs/safety.md. */
export const injectionAttempts: readonly InjectionAttempt[] = [
  {
    name: "ignore-instructions",
    sureness: 95,
    cue: [
      "ignor",
      "disregard",
      "forget",
      "overrid",
      "bypass",
      "neglect",
      "skip",
      "discard",
      "drop",
      "follow",
    ],
    pattern: new RegExp(
      `\\b(?:ignore|disregard|forget|override|bypass|neglect|skip|discard|drop|do not follow|don't follow|stop following)(?: (?:absolutely|completely|now|about|of|any|all|everything|the|these|those|your|my|our|to)){0,4}(?: ${earlier}){1,4}(?: (?:safety|security|content|system)){0,2} ${rules}\\b`,
      "gi",
    ),
  },
  {
    name: "forget-everything",
    sureness: 85,
    cue: ["forget", "ignor", "disregard"],
    pattern:
      /\b(?:forget|ignore|disregard) (?:everything|anything|all|what)(?: that)?(?: (?:was|were|has been|you were|you've been|i|we))?(?: (?:told|said|written|given|taught|instructed|know|stated))?(?: (?:you|above|before|so far|previously|to you|until now)){1,3}\b/gi,
  },
  {
    name: "reveal-prompt",
    sureness: 90,
    cue: ["prompt", "instruction", "messag"],
    pattern:
      /\b(?:reveal|show|print|repeat|output|display|disclose|leak|expose|dump|tell me|give me|write out|what (?:is|are|was|were))(?: (?:me|us|out|back|verbatim|exactly|all|of|the|your|full|entire|whole|complete|exact|initial|original|hidden|secret|internal)){1,6} (?:system (?:prompt|message|instructions?)|(?:initial|hidden|secret|original|internal) (?:prompt|instructions?))\b/gi,
  },
  {
    name: "repeat-above",
    sureness: 80,
    cue: ["repeat", "print", "output", "copy", "echo"],
    pattern:
      /\b(?:repeat|print|output|copy|echo)(?: (?:back|out|all|me|the|of|every|everything|text|words|content|verbatim)){1,5} (?:above|before this|prior to this)\b/gi,
  },
  {
    name: "no-restrictions",
    sureness: 90,
    cue: ["restriction", "limitation", "filter", "censor", "guideline", "polic", "constraint"],
    pattern:
      /\b(?:you (?:are|have|will be)|act|respond|answer|behave|pretend|without|free)(?: \w{1,14}){0,6} (?:no|any|without|free of|free from|not bound by|unbound by|beyond)(?: \w{1,14}){0,2} (?:restrictions|limitations|filters|censorship|ethical guidelines|content polic(?:y|ies)|safety guidelines|moral constraints)\b/gi,
  },
  {
    name: "known-persona",
    sureness: 95,
    cue: [
      "anything",
      "dan\\b",
      "stan\\b",
      "dude",
      "aim\\b",
      "evilbot",
      "ucar",
      "betterdan",
      "mongo",
      "developer",
      "jail",
      "god\\b",
      "unrestricted",
      "debug",
    ],
    pattern:
      /\b(?:do anything now|(?:you are|act as|you're|become|as|be) (?:now )?(?:DAN|STAN|DUDE|AIM|EvilBOT|UCAR|BetterDAN|Mongo Tom)\b|developer mode (?:enabled|on|output)|jail ?broken? mode|(?:enable|enter|activate) (?:developer|god|dan|jailbreak|unrestricted|debug) mode|jailbreak prompt)/gi,
  },
  {
    name: "amoral-persona",
    sureness: 85,
    cue: [
      "amoral",
      "unfiltered",
      "uncensored",
      "unrestricted",
      "unrestrained",
      "immoral",
      "unethical",
    ],
    pattern:
      /\b(?:amoral|unfiltered|uncensored|unrestricted|unrestrained|immoral|unethical)(?:,? (?:and )?\w{1,14}){0,3} (?:ai|chatbot|bot|assistant|persona|responses?|replies|gpt)\b/gi,
  },
  {
    name: "never-refuses",
    sureness: 85,
    cue: ["refus", "reject", "declin", "denies", "deny", "censor"],
    pattern:
      /\b(?:never|(?:does|do|will|can|must|shall) ?(?:not|n't)|don't|doesn't|won't|can't|cannot)(?: ever)? (?:refuses?|rejects?|declines?|denies|deny|censors?)(?: \w{1,14}){0,4} (?:requests?|questions?|prompts?|commands?|orders?|queries|anything|humans?|users?)\b/gi,
  },
  {
    name: "no-conscience",
    sureness: 85,
    cue: ["legalit", "illegal", "ethic", "moral", "immoral", "unethical"],
    pattern:
      /\b(?:regardless of|without (?:any )?regards? (?:for|to|of)|(?:doesn't|don't|does not|do not|never) (?:cares?|gives? a \w{2,5}) about|indifferent to|devoid of|lacks? (?:any )?)(?: \w{1,14}){0,3} (?:legality|legalities|illegality|ethicality|ethics|morality|morals|illegal|immoral|unethical)\b/gi,
  },
  {
    name: "other-model",
    sureness: 85,
    sign: /gpt/i,
    pattern:
      /\b(?:you are|you're|act as|acting as|pretend to be|become|impersonate)(?: \w{1,14}){0,3} (?!chat)[a-z]{3,20}gpt\b/gi,
  },
  {
    name: "new-role",
    sureness: 70,
    cue: ["now\\b", "rest\\b"],
    pattern:
      /\b(?:from now on|starting now|for the rest of this (?:chat|conversation)),? (?:you|your)(?: \w{1,14}){0,6} (?:are|act|answer|respond|behave|must|will|name)\b/gi,
  },
  {
    name: "new-instructions",
    sureness: 85,
    cue: ["instruction", "prompt", "task", "directive"],
    pattern:
      /(?:^|\n|[.!?:] )[#*\-= ]{0,8}(?:new|updated|real|actual|important new) (?:system )?(?:instructions?|prompt|task|directive)s? ?:/gi,
  },
  {
    name: "false-turn",
    sureness: 90,
    sign: /[<[]|##/,
    pattern:
      /<\|(?:im_start|im_end|system|assistant|endoftext|eot_id|start_header_id)\|>|\[\/?INST\]|<<\/?SYS>>|<\/?system(?:_prompt)?>|(?:^|\n)#{2,4} ?(?:system|instruction)s?:? ?\n/gi,
  },
  {
    name: "override-safety",
    sureness: 90,
    cue: [
      "bypass",
      "disable",
      "turn\\b",
      "circumvent",
      "evade",
      "override",
      "deactivate",
      "remove",
      "switch\\b",
    ],
    pattern:
      /\b(?:bypass|disable|turn off|circumvent|evade|override|deactivate|remove|switch off)(?: \w{1,14}){0,3} (?:safety|content|moderation|ethical|security|openai|anthropic)(?: \w{1,14}){0,2} (?:filters?|guidelines?|polic(?:y|ies)|restrictions?|protocols?|measures|guardrails?|training)\b/gi,
  },
  {
    name: "ignore-in-other-tongues",
    sureness: 90,
    cue: ["anweisung", "vorgabe", "befehl", "instru", "consigne", "istruzion"],
    pattern:
      /(?:ignorier(?:e|en sie)|vergiss|vergessen sie)(?: \p{L}{1,14}){0,4} (?:anweisungen|vorgaben|befehle|instruktionen)|(?:ignore[rz]?|oublie[rz]?)(?: \p{L}{1,14}){0,3} (?:instructions|consignes)(?: \p{L}{1,14}){0,2} (?:précédentes|ci-dessus|antérieures)|(?:ignora|olvida|ignore)(?: \p{L}{1,14}){0,3} (?:instrucciones|instruções|istruzioni)(?: \p{L}{1,14}){0,2} (?:anteriores|previas|precedenti)/giu,
  },
  {
    name: "encoded-orders",
    sureness: 75,
    cue: ["decode", "base64", "rot13", "reverse"],
    pattern:
      /\b(?:decode|base64|rot13|reverse)(?: \w{1,14}){0,8} (?:and|then)(?: \w{1,14}){0,2} (?:follow|execute|obey|run|comply)\b/gi,
  },
];
