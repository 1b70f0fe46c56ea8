import { markup } from "../../lib/index.ts";
import { document } from "./document.ts";

/** Asks for the admin token. @param wrong whether one was tried that is not it */
export function loginDocument(wrong: boolean): string {
  const complaint = wrong
    ? markup`<p role="alert" class="complaint">■ That is not this router's admin token.</p>
`
    : "";
  const body = markup`<main id="main" class="login">
<h1>Switchyard</h1>
<p>This router's console wants its admin token, since you do not come from its own machine.</p>
${complaint}<form method="post" action="/console/login">
<label>Admin token <input type="password" name="token" required autofocus autocomplete="current-password"></label>
<button type="submit">Enter</button>
</form>
<p class="quiet">It is the value of <code>SWITCHYARD_ADMIN_TOKEN</code>. It is sent as it stands: over a network use <code>kubectl port-forward</code>, which needs none, or a proxy that speaks TLS.</p>
</main>
`;
  return document("Switchyard: admin token", body, false);
}

/** Where nobody may enter from afar. */
export function closedDocument(): string {
  const body = markup`<main id="main" class="login">
<h1>Switchyard</h1>
<p>This router has no admin token, so that its console is open on its own machine alone, under the name localhost:</p>
<pre>kubectl port-forward POD 8081
# then http://localhost:8081/console</pre>
<p class="quiet">Or set <code>SWITCHYARD_ADMIN_TOKEN</code>, and enter with it.</p>
</main>
`;
  return document("Switchyard: closed", body, false);
}
