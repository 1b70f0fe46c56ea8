/** Something that passes chats on, as a process of its own, to be measured. */
export interface Contender {
  name: string;
  /** For people. */
  title: string;
  /** What has to be there before it starts. @throws Error where that cannot be had */
  prepare(): Promise<void>;
  launch(place: Place): Promise<Launch>;
}

export interface Place {
  /** A folder of its own for this start. */
  folder: string;
  port: number;
  /** `http://127.0.0.1:PORT`, speaking Bedrock and OpenAI. */
  upstream: string;
  /** The router's program, as `npm run build` makes it. */
  bundle: string;
  /** Flags for Node, where it is a program of Node that is to be profiled. */
  nodeFlags: readonly string[];
}

/** How it is started and called. */
export interface Launch {
  command: readonly string[];
  environment: Readonly<Record<string, string>>;
  /** Where chats are asked for. */
  path: string;
  headers: Readonly<Record<string, string>>;
}

/** What the vendor's SDKs find in place of real credentials. */
export const awsEnvironment = {
  AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE",
  AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  AWS_EC2_METADATA_DISABLED: "true",
  AWS_CONFIG_FILE: "/dev/null",
  AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
} as const;

/** Where the API is on every gateway here. */
export const chatPath = "/v1/chat/completions";
