import { Markdown, unionIn } from "@motet/testing/pages";
import { expect, it } from "vitest";

const file = (name: string) => new URL(`../${name}`, import.meta.url);
const readme = new Markdown(file("README.md"));

it("the README's program prints what the README says, run on the package as it is built", () => {
  expect(readme.outputOf(readme.block("ts program"))).toBe(readme.block("text output"));
});

it("the README explains every error code, and no other", () => {
  expect(readme.rows("Errors")).toEqual(unionIn(file("src/errors.ts"), "CrdtErrorCode"));
});
