/** A token that its vendor made to be recognised. */
export interface TokenRule {
  name: string;
  /** What it begins with, to the letter. One token may be told by several. */
  prefixes: readonly string[];
  /** What stands behind the prefix; bounded. */
  rest: string;
}

const url = "[A-Za-z0-9_-]";
const word = "[A-Za-z0-9]";
const hex = "[0-9a-f]";

/** From what the vendors publish about the tokens that they give out. */
export const tokenRules: readonly TokenRule[] = [
  {
    name: "aws-access-key-id",
    prefixes: ["AKIA", "ASIA", "ABIA", "ACCA", "AROA", "AIDA"],
    // AWS gives out base 32, and examples are often made of all letters and digits.
    rest: "[A-Z0-9]{16}",
  },
  { name: "aws-bedrock-key", prefixes: ["ABSK"], rest: "[A-Za-z0-9+/]{100,260}={0,2}" },
  {
    name: "github-token",
    prefixes: ["ghp_", "gho_", "ghu_", "ghs_", "ghr_"],
    rest: `${word}{36,255}`,
  },
  { name: "github-fine-grained-token", prefixes: ["github_pat_"], rest: "[A-Za-z0-9_]{22,255}" },
  {
    name: "gitlab-token",
    prefixes: [
      "glpat-",
      "gldt-",
      "glrt-",
      "glcbt-",
      "glptt-",
      "glft-",
      "glimt-",
      "glagent-",
      "gloas-",
      "glsoat-",
      "glffct-",
    ],
    rest: "[A-Za-z0-9_.-]{20,300}",
  },
  {
    name: "slack-token",
    prefixes: [
      "xoxb-",
      "xoxp-",
      "xoxa-",
      "xoxr-",
      "xoxs-",
      "xoxo-",
      "xoxe-",
      "xoxe.",
      "xoxc-",
      "xoxd-",
      "xapp-",
    ],
    rest: "[A-Za-z0-9.%-]{10,250}",
  },
  {
    name: "slack-webhook",
    prefixes: ["https://hooks.slack.com/"],
    rest: "(?:services|workflows|triggers)/[A-Za-z0-9/_]{20,120}",
  },
  {
    name: "discord-webhook",
    prefixes: ["https://discord.com/api/webhooks/", "https://discordapp.com/api/webhooks/"],
    rest: `\\d{17,20}/${url}{60,90}`,
  },
  {
    name: "teams-webhook",
    prefixes: ["https://outlook.office.com/webhook/"],
    rest: "[A-Za-z0-9@/-]{60,240}",
  },
  {
    name: "stripe-key",
    prefixes: ["sk_live_", "sk_test_", "rk_live_", "rk_test_", "sk_prod_", "whsec_"],
    rest: "[A-Za-z0-9+/=]{16,255}",
  },
  { name: "anthropic-key", prefixes: ["sk-ant-"], rest: `${url}{20,220}` },
  { name: "openrouter-key", prefixes: ["sk-or-v1-"], rest: `${hex}{32,128}` },
  {
    name: "openai-key",
    prefixes: ["sk-proj-", "sk-svcacct-", "sk-admin-", "sk-None-"],
    rest: `${url}{20,250}`,
  },
  {
    name: "sk-key",
    prefixes: ["sk-"],
    rest: `(?=[A-Za-z0-9]{0,60}\\d)(?=[A-Za-z0-9]{0,60}[A-Za-z])${word}{20,100}`,
  },
  { name: "google-api-key", prefixes: ["AIza"], rest: `${url}{35}` },
  { name: "google-oauth", prefixes: ["ya29.", "GOCSPX-", "1//0"], rest: `${url}{24,400}` },
  { name: "huggingface-token", prefixes: ["hf_", "api_org_"], rest: "[A-Za-z0-9]{30,40}" },
  { name: "groq-key", prefixes: ["gsk_"], rest: `${word}{40,60}` },
  { name: "xai-key", prefixes: ["xai-"], rest: `${word}{60,100}` },
  { name: "perplexity-key", prefixes: ["pplx-"], rest: `${word}{40,64}` },
  { name: "replicate-token", prefixes: ["r8_"], rest: `${word}{37,40}` },
  { name: "langchain-key", prefixes: ["lsv2_pt_", "lsv2_sk_"], rest: `${hex}{32}_${hex}{10}` },
  { name: "npm-token", prefixes: ["npm_"], rest: `${word}{36}` },
  { name: "pypi-token", prefixes: ["pypi-"], rest: `${url}{50,250}` },
  { name: "rubygems-key", prefixes: ["rubygems_"], rest: `${hex}{48}` },
  { name: "crates-token", prefixes: ["cio"], rest: `${word}{32}` },
  { name: "docker-token", prefixes: ["dckr_pat_", "dckr_oat_"], rest: `${url}{27,36}` },
  { name: "sendgrid-key", prefixes: ["SG."], rest: `${url}{16,32}\\.${url}{32,64}` },
  { name: "mailgun-key", prefixes: ["key-"], rest: `${hex}{32}` },
  { name: "mailchimp-key", prefixes: ["md-"], rest: `${url}{22}` },
  { name: "twilio-key", prefixes: ["SK", "AC"], rest: `${hex}{32}` },
  {
    name: "shopify-token",
    prefixes: ["shpat_", "shpca_", "shppa_", "shpss_", "shptka_"],
    rest: "[A-Fa-f0-9]{32,64}",
  },
  {
    name: "square-token",
    prefixes: ["sq0atp-", "sq0csp-", "sq0idp-", "EAAA"],
    rest: `${url}{22,64}`,
  },
  { name: "facebook-token", prefixes: ["EAACEdEose0cBA", "EAAB", "EAAG"], rest: `${word}{40,250}` },
  { name: "digitalocean-token", prefixes: ["dop_v1_", "doo_v1_", "dor_v1_"], rest: `${hex}{64}` },
  { name: "databricks-token", prefixes: ["dapi", "dose"], rest: `${hex}{32}(?:-\\d)?` },
  { name: "vault-token", prefixes: ["hvs.", "hvb.", "hvr."], rest: `${url}{24,300}` },
  {
    name: "grafana-token",
    prefixes: ["glc_", "glsa_", "eyJrIjoi"],
    rest: "[A-Za-z0-9+/_]{32,400}={0,2}",
  },
  { name: "linear-key", prefixes: ["lin_api_", "lin_oauth_"], rest: "[A-Za-z0-9_]{32,128}" },
  { name: "notion-token", prefixes: ["ntn_", "secret_"], rest: `${word}{40,50}` },
  { name: "figma-token", prefixes: ["figd_", "figo_"], rest: `${url}{40,200}` },
  { name: "postman-key", prefixes: ["PMAK-"], rest: `${hex}{24}-${hex}{34}` },
  {
    name: "newrelic-key",
    prefixes: ["NRAK-", "NRJS-", "NRII-", "NRAA-"],
    rest: "[A-Za-z0-9_-]{19,42}",
  },
  { name: "sentry-token", prefixes: ["sntrys_", "sntryu_"], rest: "[A-Za-z0-9+/=_]{40,400}" },
  {
    name: "atlassian-token",
    prefixes: ["ATATT3", "ATCTT3", "ATBB"],
    rest: "[A-Za-z0-9_=-]{24,250}",
  },
  { name: "dropbox-token", prefixes: ["sl.u.", "sl.B"], rest: `${url}{60,260}` },
  {
    name: "doppler-token",
    prefixes: ["dp.pt.", "dp.st.", "dp.ct.", "dp.sa."],
    rest: "[A-Za-z0-9_.-]{40,80}",
  },
  { name: "supabase-token", prefixes: ["sbp_", "sb_secret_"], rest: `${url}{20,80}` },
  {
    name: "planetscale-token",
    prefixes: ["pscale_tkn_", "pscale_pw_", "pscale_oauth_"],
    rest: "[A-Za-z0-9_.-]{32,64}",
  },
  { name: "airtable-token", prefixes: ["pat"], rest: `${word}{14}\\.${hex}{64}` },
  {
    name: "tailscale-key",
    prefixes: ["tskey-"],
    rest: "[a-z]{2,20}-[0-9A-Za-z_]{8,40}-[0-9A-Za-z_]{16,60}",
  },
  {
    name: "vercel-token",
    prefixes: ["vcp_", "vci_", "vca_", "vcr_", "vck_"],
    rest: `${word}{20,60}`,
  },
  {
    name: "cloudflare-token",
    prefixes: ["cfk_", "cfut_", "cfat_", "v1.0-"],
    rest: `${word}{40,60}(?:-${word}{100,150})?`,
  },
  { name: "1password-token", prefixes: ["ops_ey"], rest: "[A-Za-z0-9+/=]{100,1280}" },
  {
    name: "age-key",
    prefixes: ["AGE-SECRET-KEY-1"],
    rest: "[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}",
  },
  { name: "alibaba-key", prefixes: ["LTAI"], rest: `${word}{12,20}` },
  { name: "pulumi-token", prefixes: ["pul-"], rest: `${hex}{40}` },
  { name: "heroku-key", prefixes: ["HRKU-"], rest: `${url}{36,64}` },
  {
    name: "json-web-token",
    prefixes: ["eyJ"],
    rest: `${url}{10,2000}\\.eyJ${url}{10,4000}\\.${url}{10,1400}`,
  },
];
