import type { SystemContentBlock } from "@aws-sdk/client-bedrock-runtime";
import type { Message } from "../../openai/index.ts";
import { saidBlocks } from "./said.ts";
import type { Translation } from "./translation.ts";
import type { PlacedMessage } from "./turns.ts";

interface Split {
  system: SystemContentBlock[];
  /** What follows the leading instructions. */
  rest: PlacedMessage[];
}

/** Sets the leading instructions, by whichever role, apart from the conversation. */
export function splitSystem(messages: readonly Message[], translation: Translation): Split {
  const placed = messages.map((message, index) => ({ message, at: `messages[${index}]` }));
  const first = placed.findIndex(({ message }) => !isInstruction(message));
  const leading = first === -1 ? placed : placed.slice(0, first);
  return {
    system: leading.flatMap(({ message, at }) => systemBlocks(message, translation, at)),
    rest: first === -1 ? [] : placed.slice(first),
  };
}

const isInstruction = ({ role }: Message): boolean => role === "system" || role === "developer";

function systemBlocks(
  message: Message,
  translation: Translation,
  at: string,
): SystemContentBlock[] {
  return saidBlocks(message, translation, at).flatMap((block): SystemContentBlock[] => {
    if (block.text !== undefined) return [{ text: block.text }];
    return block.cachePoint === undefined ? [] : [{ cachePoint: block.cachePoint }];
  });
}
