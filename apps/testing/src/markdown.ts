import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** A page of documentation, to be held against the code: its programs are run, its tables compared. */
export class Markdown {
  readonly text: string;
  readonly #folder: URL;

  /** @param folder where its programs run, and find what is installed; the page's own by default. */
  constructor(file: URL, folder = new URL(".", file)) {
    this.text = readFileSync(file, "utf8");
    this.#folder = folder;
  }

  /** What stands in the first block that is fenced as `kind`; nothing where there is none. */
  block(kind: string): string {
    return this.text.split(`\`\`\`${kind}\n`)[1]?.split("```")[0] ?? "";
  }

  /** What `program` prints on the packages as they are built. */
  outputOf(program: string, env: NodeJS.ProcessEnv = {}): string {
    const node = ["--input-type=module", "--eval", program];
    return execFileSync(process.execPath, node, {
      cwd: this.#folder,
      env: { ...process.env, ...env },
      encoding: "utf8",
    });
  }

  /** The names in the first column of the table under `## heading`, sorted. */
  rows(heading: string): string[] {
    const section = this.text.split(`## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
    return Array.from(section.matchAll(/^\| `([\w-]+)`/gm), ([, name]) => name!).sort();
  }
}
