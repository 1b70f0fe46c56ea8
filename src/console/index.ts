// The page on the admin port for people who have to find what is wrong: what this router has seen lately, the
// read model made of it, the page and its session. It is handed functions that read live state, asks
// nothing of a provider, changes nothing, and never shows what requests say. It knows no cluster.
export type { BackendState, DriftLook, Facts, Pod, ServedTable } from "./facts.ts";
export { GroupDesk, type GroupStore } from "./group/group-desk.ts";
export type { AskGroup, GroupSample } from "./group/group-look.ts";
export { installConsole, type ConsoleAccess, type ConsoleParts } from "./install-console.ts";
export { RecentTraffic } from "./traffic/recent-traffic.ts";
