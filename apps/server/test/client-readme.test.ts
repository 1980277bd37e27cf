import { Markdown } from "@motet/testing/pages";
import { expect, it } from "vitest";

it("the client's README: prints what it says, with the server and the client as they are built", () => {
  const file = new URL("../../../packages/client/README.md", import.meta.url);
  const readme = new Markdown(file, new URL("../", import.meta.url)); // Both packages are found from here.
  expect(readme.outputOf(readme.block("ts program"))).toBe(readme.block("text output"));
});
