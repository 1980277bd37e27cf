/**
 * The list that `text` holds, with commas between: scheme, host and, unless it is the scheme's own, port, exactly as
 * browsers send them. `undefined` when one of them is anything else, such as one with a path, or `null`.
 */
export function readOrigins(text: string): readonly string[] | undefined {
  const origins = text.split(",").map((origin) => origin.trim());
  return origins.every(isOrigin) ? origins : undefined;
}

/**
 * Whether a request may become a connection: it comes from no page, or from one of an origin in the list. Without a list
 * every page may. A page of another origin would act for a user who never asked it to, as browsers send their cookies along.
 */
export function isAllowedOrigin(origin: string | undefined, allowed: readonly string[] | undefined): boolean {
  return origin === undefined || allowed === undefined || allowed.includes(origin);
}

function isOrigin(text: string): boolean {
  if (!/^https?:\/\/[^*]+$/.test(text) || !URL.canParse(text)) return false;
  return new URL(text).origin === text;
}
