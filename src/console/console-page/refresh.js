// Keeps the console's page up to date while somebody looks at it: asks for the same page again, and changes in the
// one that is shown what is another in it, so that nothing flickers, and focus, selection and scrolling stay.
// The page works without this; it is then as old as its last loading.

const everyMs = 3_000;
const patienceMs = 10_000;
/** Of typing: not every letter is a question. */
const typingMs = 250;

/** What in the page is made anew; the rest stands still. */
const parts = ["header", "main"];

/** @type {AbortController | undefined} */
let asking;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let next;
let paused = false;

/** @param {number} ms */
function askIn(ms) {
  clearTimeout(next);
  if (paused || document.hidden) return;
  next = setTimeout(() => void ask(), ms);
}

async function ask() {
  asking?.abort();
  const mine = new AbortController();
  asking = mine;
  try {
    const signal = AbortSignal.any([mine.signal, AbortSignal.timeout(patienceMs)]);
    const answer = await fetch(location.pathname + location.search, {
      headers: { accept: "text/html" },
      signal,
    });
    if (answer.status === 401 || answer.status === 403) {
      location.reload();
      return;
    }
    if (!answer.ok) throw new Error(`it answered ${answer.status}`);
    show(new DOMParser().parseFromString(await answer.text(), "text/html"));
  } catch (error) {
    if (!mine.signal.aborted) tellStale(error);
  }
  if (!mine.signal.aborted) askIn(everyMs);
}

/** @param {Document} newer */
function show(newer) {
  document.title = newer.title;
  for (const name of parts) {
    const [older, latest] = [document.querySelector(name), newer.querySelector(name)];
    if (older !== null && latest !== null) follow(older, latest);
  }
}

/** @param {unknown} error */
function tellStale(error) {
  const status = document.querySelector("#refresh");
  if (status === null || status.classList.contains("stale")) return;
  const why = error instanceof DOMException ? "it does not answer" : String(error);
  status.classList.add("stale");
  status.append(` ▲ Not refreshed since: ${why}. Trying on.`);
}

/**
 * Makes an element like another one of the same name.
 *
 * @param {Element} older
 * @param {Element} newer
 */
function follow(older, newer) {
  if (older.hasAttribute("data-own")) return;
  for (const { name } of Array.from(older.attributes)) {
    if (!newer.hasAttribute(name)) older.removeAttribute(name);
  }
  for (const { name, value } of newer.attributes) {
    if (older.getAttribute(name) !== value) older.setAttribute(name, value);
  }
  followChildren(older, newer);
  if (older !== document.activeElement) followValue(older, newer);
}

/**
 * What a person has not chosen, but the page's address says.
 *
 * @param {Element} older
 * @param {Element} newer
 */
function followValue(older, newer) {
  if (older instanceof HTMLInputElement) older.value = newer.getAttribute("value") ?? "";
  if (older instanceof HTMLSelectElement && newer instanceof HTMLSelectElement) {
    older.value = newer.value;
  }
}

/**
 * @param {Element} older
 * @param {Element} newer
 */
function followChildren(older, newer) {
  const known = new Map([...older.children].map((child) => [keyOf(child), child]));
  /** @type {ChildNode | null} */
  let place = older.firstChild;
  for (const child of Array.from(newer.childNodes)) {
    const key = keyOf(child);
    const match = key === undefined ? alike(place, child) : known.get(key);
    if (match === undefined || match.nodeName !== child.nodeName) {
      older.insertBefore(document.adoptNode(child), place);
      continue;
    }
    if (match === place) place = place.nextSibling;
    else move(older, match, place);
    if (match instanceof Element && child instanceof Element) follow(match, child);
    else if (match.nodeValue !== child.nodeValue) match.nodeValue = child.nodeValue;
  }
  while (place !== null) {
    const after = place.nextSibling;
    place.remove();
    place = after;
  }
}

/**
 * What tells an element from its siblings for as long as it is there.
 *
 * @param {Node} node
 */
function keyOf(node) {
  if (!(node instanceof Element)) return undefined;
  // Not its property: of a form that has a field of that name it is the field.
  return node.getAttribute("data-key") ?? node.getAttribute("id") ?? undefined;
}

/**
 * @param {ChildNode | null} place
 * @param {ChildNode} child
 */
function alike(place, child) {
  if (place === null || keyOf(place) !== undefined) return undefined;
  return place.nodeName === child.nodeName ? place : undefined;
}

/**
 * Without losing the focus that is in it, where the browser can.
 *
 * @param {Element} parent
 * @param {ChildNode} child
 * @param {ChildNode | null} place
 */
function move(parent, child, place) {
  const canMove = typeof parent.moveBefore === "function";
  if (canMove) parent.moveBefore(child, place);
  else parent.insertBefore(child, place);
}

/** The button is the script's own: without it there is nothing to be paused. */
function offerPause() {
  const button = document.querySelector("#pause");
  if (!(button instanceof HTMLButtonElement)) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    paused = !paused;
    button.textContent = paused ? "Go on refreshing" : "Pause";
    if (paused) asking?.abort();
    askIn(0);
  });
}

/** @param {HTMLFormElement} form */
function filterBy(form) {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    const says = typeof value === "string" && value !== "" && value !== "any";
    if (says) query.set(name, value);
  }
  history.replaceState(null, "", query.size === 0 ? location.pathname : `?${query}`);
  void ask();
}

/** @type {ReturnType<typeof setTimeout> | undefined} */
let typing;

document.addEventListener("input", ({ target }) => {
  const form = target instanceof Element ? target.closest("form.filter") : null;
  if (!(form instanceof HTMLFormElement)) return;
  asking?.abort();
  clearTimeout(typing);
  typing = setTimeout(() => filterBy(form), typingMs);
});

document.addEventListener("submit", (event) => {
  if (!(event.target instanceof HTMLFormElement) || !event.target.matches("form.filter")) return;
  event.preventDefault();
  filterBy(event.target);
});

document.addEventListener("visibilitychange", () => {
  if (document.hidden) {
    clearTimeout(next);
    asking?.abort();
  } else askIn(0);
});

offerPause();
askIn(everyMs);

export {};
