import type { DocumentBlock, DocumentFormat } from "@aws-sdk/client-bedrock-runtime";
import type { FilePart } from "../../openai/index.ts";
import { invalidField } from "../invalid-field.ts";
import { type InlineData, readBase64, readDataUrl } from "./data-url.ts";
import type { DocumentNames } from "./document-names.ts";

const formatsByType: Record<string, DocumentFormat> = {
  "application/pdf": "pdf",
  "text/csv": "csv",
  "application/msword": "doc",
  "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
  "application/vnd.ms-excel": "xls",
  "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
  "text/html": "html",
  "text/plain": "txt",
  "text/markdown": "md",
};

const formatsByExtension = new Map<string, DocumentFormat>([
  ...Object.values(formatsByType).map((format) => [format, format] as const),
  ["htm", "html"],
  ["text", "txt"],
  ["markdown", "md"],
]);

/** @param at names the part in messages for the client */
export function documentBlock(part: FilePart, names: DocumentNames, at: string): DocumentBlock {
  const { file_data: data, filename } = part.file;
  const inline = readData(data, `${at}.file.file_data`);
  const format = formatsByType[inline.mediaType] ?? byExtension(filename) ?? byBytes(inline.bytes);
  if (format === undefined) {
    throw invalidField(
      `${at}.file`,
      "must be a PDF, CSV, Word, Excel, HTML, text or Markdown document: give its media type in the data URL or a filename with an extension",
    );
  }
  return { format, name: names.name(inline.bytes), source: { bytes: inline.bytes } };
}

function readData(data: string, at: string): InlineData {
  if (/^https?:/i.test(data)) throw invalidField(at, "is a remote address: send the file inline");
  if (/^data:/i.test(data)) return readDataUrl(data, at);
  return { mediaType: "", bytes: readBase64(data, at) };
}

function byExtension(filename: string | null | undefined): DocumentFormat | undefined {
  const extension = /\.([a-z]{2,8})$/i.exec(filename ?? "")?.[1];
  return extension === undefined ? undefined : formatsByExtension.get(extension.toLowerCase());
}

const byBytes = (bytes: Uint8Array): DocumentFormat | undefined =>
  Buffer.from(bytes.subarray(0, 4)).toString("latin1") === "%PDF" ? "pdf" : undefined;
