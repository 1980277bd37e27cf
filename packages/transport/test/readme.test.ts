import { Markdown, unionIn } from "@motet/testing/pages";
import { expect, it } from "vitest";

const file = (name: string) => new URL(`../${name}`, import.meta.url);
const readme = new Markdown(file("README.md"));

it("prints what the README says, from the package as it is built", () => {
  expect(readme.outputOf(readme.block("ts program"))).toBe(readme.block("text output"));
});

it("documents every error code, and no other", () => {
  expect(readme.rows("Errors")).toEqual(unionIn(file("src/errors.ts"), "TransportErrorCode"));
});
