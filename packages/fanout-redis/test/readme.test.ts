import { Markdown, namesIn } from "@motet/testing/pages";
import { describe, expect, it } from "vitest";
import { hasRedis, url } from "./support.js";

const file = (name: string) => new URL(`../${name}`, import.meta.url);
const readme = new Markdown(file("README.md"));

describe("the README", () => {
  it.skipIf(!hasRedis)("has a program that prints what it says, run on the package as it is built", () => {
    expect(readme.outputOf(readme.block("ts program"), { REDIS_URL: url })).toBe(readme.block("text output"));
  });

  it("explains every error code that the source uses, and no other", () => {
    expect(readme.rows("Errors")).toEqual(namesIn(file("src/"), /"([A-Z]+_[A-Z]+)"/g));
  });
});
