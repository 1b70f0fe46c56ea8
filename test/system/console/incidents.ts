// A router with trouble of every kind that a console has to show, and with names that are markup.
import { backendOf, models, routeOf, tenantOf } from "../../support/local-resources.ts";
import { chatOf } from "../../support/raw-connection.ts";
import { send } from "../../support/send.ts";
import { startLocal, type Local, type LocalOptions } from "../../support/start-local.ts";

export const hostileModel = `<img src=x onerror="alert('planted')"><script>alert(1)</script>`;
const key = "sy_planted_key_of_acme";
const outlier = { consecutiveFailures: 3, ejectFor: "600s" };

export const ask = (local: Local, model: string, withKey?: string) =>
  send(local, {
    body: chatOf(model, "repeat: here I am"),
    ...(withKey === undefined ? {} : { key: withKey }),
  });

async function askOften(local: Local, times: number, model: string, withKey?: string) {
  for (let index = 0; index < times; index += 1) await ask(local, model, withKey);
}

/** `micro` fails and is ejected, `lone` fails every request, `acme` has spent its budget. */
export async function startWithIncidents(settings: LocalOptions["settings"] = {}): Promise<Local> {
  const local = await startLocal({
    settings,
    resources: [
      backendOf("micro", { outlier }),
      backendOf("lite"),
      backendOf("pro"),
      backendOf("haiku", { outlier }),
      routeOf("assistant", ["micro", "lite"]),
      routeOf("lone", ["haiku"]),
      routeOf("healthy", ["pro"]),
      routeOf("private", ["lite"], { access: "Tenants" }),
      tenantOf("acme", key, {
        budgets: [{ window: "Month", timeZone: "UTC", usd: "0.000001", onExceeded: "Downgrade" }],
      }),
    ],
  });
  await askOften(local, 10, "healthy");
  await askOften(local, 5, "assistant");
  local.simulator.faults.set({ model: models.micro, kind: "model-error" });
  local.simulator.faults.set({ model: models.haiku, kind: "model-error" });
  await askOften(local, 10, "assistant");
  await askOften(local, 12, "lone");
  await askOften(local, 4, "private", key);
  await askOften(local, 12, hostileModel);
  return local;
}
