import { readFile } from "node:fs/promises";
import * as v from "valibot";
import { ServerError } from "../errors.js";
import { keyOf, type WebhookEndpoint, webhookTypes } from "./webhook.js";

const endpoint = v.strictObject({
  url: v.pipe(v.string(), v.url(), v.regex(/^https?:/i)),
  secret: v.string(),
  types: v.exactOptional(v.pipe(v.array(v.picklist(webhookTypes)), v.minLength(1))),
});

const file = v.strictObject({ webhooks: v.array(endpoint) });

/**
 * The endpoints in a file: `{ "webhooks": [{ "url": "https://…", "secret": "whsec_…", "types": ["document.changed"] }] }`.
 * @throws {ServerError} `BAD_CONFIG`, naming what is wrong with it, and no secret.
 */
export async function readWebhooks(path: string): Promise<readonly WebhookEndpoint[]> {
  const text = await readFile(path, "utf8").catch((cause: Error) => {
    throw new ServerError("BAD_CONFIG", `The file of webhooks cannot be read: ${cause.message}.`, { cause });
  });
  const result = v.safeParse(file, parseJson(text, path), { abortEarly: true });
  if (!result.success) {
    const [issue] = result.issues;
    throw new ServerError(
      "BAD_CONFIG",
      `${path}: ${v.getDotPath(issue) ?? "the file"} is not as it has to be.`,
    );
  }
  for (const { secret } of result.output.webhooks) keyOf(secret);
  return result.output.webhooks;
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ServerError("BAD_CONFIG", `${path}: not JSON.`); // Node's own sentence may quote a secret.
  }
}
