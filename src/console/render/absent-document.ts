import { markup } from "../../lib/index.ts";
import { document } from "./document.ts";

/** In place of the drift job's page, where there is none. */
export function absentDocument(): string {
  const body = markup`<main id="main" class="login">
<h1>Switchyard</h1>
<p>There is no page of the drift job: it has not run yet, or its page was longer than a ConfigMap takes.</p>
<p><a href="/console#drift">What the console knows of drift</a></p>
</main>
`;
  return document("Switchyard: no drift report", body, false);
}
