import { mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";

const compress = promisify(gzip);

/**
 * Appends the text to the file as one whole gzip member, making its folder if need be. Where the
 * disk takes only a part, that part is cut off again: a torn member would hide all that follow it.
 *
 * @throws Error of the file system; the file is then as it was, if the disk allows
 */
export async function appendMember(path: string, text: string): Promise<void> {
  const member = await compress(text);
  await mkdir(dirname(path), { recursive: true });
  const file = await open(path, "a");
  try {
    const { size } = await file.stat();
    try {
      await file.writeFile(member);
    } catch (error) {
      await file.truncate(size).catch(() => undefined);
      throw error;
    }
  } finally {
    await file.close();
  }
}
