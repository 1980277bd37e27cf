/** One thing that can be set from outside: what it is for, what it is when nobody sets it, and how it is read. */
export interface Setting<Value> {
  readonly purpose: string;
  /** Stands for the value in `--help`; a setting without one is a switch, on or off. */
  readonly placeholder?: string;
  /** What it is when nobody sets it; without one it is not set then. */
  readonly fallback?: Value;
  /** `undefined` when `text` is no such value. */
  readonly read: (text: string) => Value | undefined;
  readonly expected: string;
  /** The environment's name for it, where it is not made of its own. */
  readonly variable?: string;
  /** Never printed, and no flag, as everybody on the machine can read a process's flags. */
  readonly isSecret?: true;
  /** Never printed either, though it may be a flag: somebody may have written a password into it. */
  readonly mayHoldPassword?: true;
}

type Reading<Value> = Pick<Setting<Value>, "read" | "expected"> & { readonly placeholder: string };

/** An integer in [least, most]. Digits only: `Number` would also take " 1 ", "1e3" and "0x50". */
export function integer(least: number, most: number): Reading<number> {
  const read = (text: string) => {
    const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
    return value >= least && value <= most ? value : undefined;
  };
  return { read, expected: `an integer from ${least} to ${most}`, placeholder: "<number>" };
}

/** One of a few words. */
export function choice<Word extends string>(words: readonly Word[]): Reading<Word> {
  const read = (text: string) => words.find((word) => word === text);
  return { read, expected: `one of ${words.join(", ")}`, placeholder: "<kind>" };
}

/** Some of a few words, with commas between. */
export function list<Word extends string>(words: readonly Word[]): Reading<readonly Word[]> {
  const read = (text: string) => {
    const found = text.split(",").map((part) => words.find((word) => word === part.trim()));
    return found.every((word) => word !== undefined) ? found : undefined;
  };
  return { read, expected: `some of ${words.join(",")}`, placeholder: "<names>" };
}

/** On or off. */
export function toggle(): Pick<Setting<boolean>, "read" | "expected"> {
  const read = (text: string) => (["true", "false"].includes(text) ? text === "true" : undefined);
  return { read, expected: "true or false" };
}

/** Any text that is not empty. */
export function text(): Reading<string> {
  return { read: (text) => text || undefined, expected: "some text", placeholder: "<text>" };
}

/** The path of a file or a folder. */
export function path(what: "file" | "folder"): Reading<string> {
  return { read: pathOf, expected: `the path of a ${what}`, placeholder: `<${what}>` };
}

/** A URL over which secrets may travel. */
export function url(): Reading<string> {
  return {
    read: httpUrl,
    expected: "a URL with https, or with http on this machine",
    placeholder: "<URL>",
  };
}

/** A file, or a URL as above. */
export function fileOrUrl(): Reading<string> {
  return {
    read: (text) => (/^https?:/i.test(text) ? httpUrl(text) : pathOf(text)),
    expected: "the path of a file, or a URL with https",
    placeholder: "<file or URL>",
  };
}

function pathOf(text: string): string | undefined {
  return text === "" || text.includes("\0") ? undefined : text;
}

/** With https, or on this machine; without a name and a password in it, as those would be printed. */
function httpUrl(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const { protocol, hostname, username, password } = new URL(text);
  const isLocal = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname);
  const isSafe = protocol === "https:" || (protocol === "http:" && isLocal);
  return isSafe && username === "" && password === "" ? text : undefined;
}
