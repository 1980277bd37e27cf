import { Markdown, namesIn } from "@motet/testing/pages";
import { expect, it } from "vitest";
import { scratch } from "./support.js";

const file = (name: string) => new URL(`../${name}`, import.meta.url);
const readme = new Markdown(file("README.md"));

it("the README's program prints what the README says, run on the package as it is built", () => {
  expect(readme.outputOf(readme.block("ts program"), { TMPDIR: scratch })).toBe(readme.block("text output"));
});

it("the README explains every error code that the source uses, and no other", () => {
  const codes = /"(MALFORMED|FENCED|DAMAGED|STORE_FULL|STORE_UNAVAILABLE|IN_USE|CLOSED|[A-Z]+_[A-Z_]+)"/g;
  expect(readme.rows("Errors")).toEqual(namesIn(file("src/"), codes));
});
