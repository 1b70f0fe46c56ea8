import { readFile } from "node:fs/promises";

/** What the page is made of beside its text. They lie beside this file in the sources, and beside the bundle. */
const folder = new URL("console-page/", import.meta.url);

export const pageFiles: Readonly<Record<string, string>> = {
  "style.css": "text/css; charset=utf-8",
  "refresh.js": "text/javascript; charset=utf-8",
  "icon.svg": "image/svg+xml",
};

/** Read when somebody looks: no router holds in memory what most of them never show. */
export const readPageFile = (name: string): Promise<string> =>
  readFile(new URL(name, folder), "utf8");
