import type { Page } from "playwright-core";

/** What WCAG asks for text of usual size. */
const leastContrast = 4.5;

/** Runs in the page: every text that is shown, with its colour and that of the ground behind it. */
const texts = `(() => {
  const opaque = (colour) => !/rgba\\(.*, 0\\)|transparent/.test(colour);
  const groundOf = (element) => {
    for (let each = element; each !== null; each = each.parentElement) {
      const { backgroundColor } = getComputedStyle(each);
      if (opaque(backgroundColor)) return backgroundColor;
    }
    return "rgb(255, 255, 255)";
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = new Map();
  while (walker.nextNode()) {
    const { data, parentElement } = walker.currentNode;
    if (data.trim() === "" || parentElement === null || !parentElement.checkVisibility()) continue;
    const { color } = getComputedStyle(parentElement);
    const ground = groundOf(parentElement);
    found.set(color + ground, { text: data.trim().slice(0, 40), color, ground });
  }
  return [...found.values()];
})()`;

interface Shown {
  text: string;
  color: string;
  ground: string;
}

/** Texts that are too faint to be read by many, with their contrast. */
export async function faintTexts(page: Page): Promise<string[]> {
  const shown = await page.evaluate<Shown[]>(texts);
  if (shown.length === 0) throw new Error("The page shows no text");
  return shown
    .map((each) => ({ ...each, contrast: contrast(each.color, each.ground) }))
    .filter((each) => each.contrast < leastContrast)
    .map((each) => `${each.text}: ${each.contrast.toFixed(2)} (${each.color} on ${each.ground})`);
}

function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].toSorted((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = (colour.match(/[\d.]+/g) ?? []).map((each) => {
    const share = Number(each) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
