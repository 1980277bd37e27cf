/**
 * Documentation, to be held against the code. For Node.
 *
 * ```ts
 * const readme = new Markdown(new URL("../README.md", import.meta.url));
 * expect(readme.outputOf(readme.block("ts program"))).toBe(readme.block("text output"));
 * ```
 * @packageDocumentation
 */
export { Markdown } from "./markdown.js";
export { namesIn, unionIn } from "./source.js";
