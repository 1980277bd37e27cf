import { readFileSync } from "node:fs";
import { join } from "node:path";
import { REPOSITORY } from "../../src/places.js";

/** What somebody does who follows a guide of the client. */
export interface Guide {
  /** Packages to install. */
  readonly packages: readonly string[];
  /** Files to write, by name. */
  readonly files: ReadonlyMap<string, string>;
  /** The command that builds the page. */
  readonly build: readonly string[];
}

/** The guide of that name, taken apart. */
export function readGuide(name: "getting-started" | "react"): Guide {
  const text = readFileSync(join(REPOSITORY, "packages", "client", "docs", `${name}.md`), "utf8");
  const files = [...text.matchAll(/^```\w+ (\S+)\n([\s\S]*?)^```/gm)].map(
    ([, name, body]) => [name!, body!] as const,
  );
  return {
    packages: /^npm install (.*)$/m.exec(text)![1]!.split(" "),
    files: new Map(files),
    build: /^npx (.*)$/m.exec(text)![1]!.split(" "),
  };
}
