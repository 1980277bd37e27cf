import { readdirSync, readFileSync } from "node:fs";

/** The members of the union of strings `name` that a source file declares, sorted. */
export function unionIn(file: URL, name: string): string[] {
  const union = readFileSync(file, "utf8").split(`type ${name} =`)[1]?.split(";")[0] ?? "";
  return Array.from(union.matchAll(/"([^"]+)"/g), ([, member]) => member!).sort();
}

/** What `pattern`, which is global, finds as its first group in the files of `folder`, which ends with a slash: each once, sorted. */
export function namesIn(folder: URL, pattern: RegExp): string[] {
  const files = readdirSync(folder).map((file) => readFileSync(new URL(file, folder), "utf8"));
  return [...new Set(Array.from(files.join("").matchAll(pattern), ([, name]) => name!))].sort();
}
