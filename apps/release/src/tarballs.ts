import { join } from "node:path";
import { run } from "./command.js";
import { type Published, publishedPackages } from "./published.js";

/** A package as the registry would get it. */
export interface Tarball extends Published {
  readonly file: string;
}

/** Packs every published package of `root`, which has been built, into `folder`. */
export function packAll(root: string, folder: string): readonly Tarball[] {
  return publishedPackages(root).map((each) => {
    const printed = run("npx", ["pnpm", "pack", "--json", "--pack-destination", folder], each.folder);
    const { filename } = JSON.parse(printed) as { readonly filename: string };
    return { ...each, file: join(folder, filename.split("/").at(-1)!) };
  });
}
