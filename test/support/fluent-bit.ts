// Fluent Bit is in no package registry that these tests may use. This reads its configuration as its documentation says it is
// read, as far as examples/exporting goes: the options that its plugins know (of release 4.0), rules that rewrite
// tags, and outputs that match them.
import { parse } from "yaml";

interface Plugin {
  name: string;
  tag?: string;
  match?: string;
  [option: string]: unknown;
}

interface Configuration {
  service: Record<string, unknown>;
  pipeline: { inputs: Plugin[]; filters: Plugin[]; outputs: Plugin[] };
}

export const readFluentBit = (text: string): Configuration => parse(text) as Configuration;

const words = (text: string): string[] => text.split(" ");

const everywhere = words("name match alias log_level");
const options: Readonly<Record<string, readonly string[]>> = {
  service: words("flush log_level storage.path storage.max_chunks_up"),
  tail: [
    ...words("tag path multiline.parser db read_from_head refresh_interval rotate_wait"),
    ...words("buffer_max_size skip_long_lines storage.type"),
  ],
  rewrite_tag: words("rule emitter_name emitter_storage.type emitter_mem_buf_limit"),
  cloudwatch_logs: [
    ...words("region log_group_name log_stream_name log_stream_prefix log_key log_format"),
    ...words("auto_create_group log_retention_days endpoint role_arn retry_limit"),
  ],
};

/** What CloudWatch takes as a group's retention. */
const retentions = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1827, 3653];

/** Options that no plugin of that name knows, and outputs that could not be sent to; nothing where all is well. */
export function fluentBitProblems({ service, pipeline }: Configuration): string[] {
  const { inputs, filters, outputs } = pipeline;
  const known = (plugin: string, section: object) =>
    Object.keys(section)
      .filter((option) => ![...everywhere, ...(options[plugin] ?? [])].includes(option))
      .map((option) => `${plugin} knows no ${option}`);
  return [
    ...known("service", service),
    ...[...inputs, ...filters, ...outputs].flatMap((each) => known(each.name, each)),
    ...outputs.flatMap((each) => [
      ...words("region log_group_name log_stream_prefix log_key")
        .filter((option) => typeof each[option] !== "string")
        .map((option) => `${each.match} lacks ${option}`),
      ...(retentions.includes(each["log_retention_days"] as number)
        ? []
        : [`${each.match} has a retention that CloudWatch does not know`]),
    ]),
  ];
}

const matches = (pattern = "", tag: string): boolean =>
  new RegExp(`^${pattern.replaceAll(".", String.raw`\.`).replaceAll("*", ".*")}$`).test(tag);

/**
 * The outputs that a line goes to, which a container has printed.
 *
 * @param tag as its input gave it
 */
export function outputsOf({ pipeline }: Configuration, tag: string, log: string): Plugin[] {
  const rewriting = pipeline.filters.find(({ match, ...rest }) => {
    const [key, pattern = ""] = ruleOf(rest);
    return key === "$log" && matches(match, tag) && new RegExp(pattern).test(log);
  });
  const [, , newTag = tag] = rewriting === undefined ? [] : ruleOf(rewriting);
  return pipeline.outputs.filter(({ match }) => matches(match, newTag.replace("$TAG", tag)));
}

const ruleOf = ({ rule }: Record<string, unknown>): string[] => String(rule).split(" ");
