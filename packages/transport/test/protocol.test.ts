import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { closeCode, defaultLimits, mayRetry } from "../src/index.js";
import { codec } from "./operations.js";

const page = readFileSync(new URL("../PROTOCOL.md", import.meta.url), "utf8");

/** The lines of the block fenced as `kind`. */
function block(kind: string): string[] {
  const text = page.split(`\`\`\`${kind}\n`)[1]?.split("```")[0] ?? "";
  return text.split("\n").filter((line) => line !== "");
}

/** The rows of the table under `heading`, without its head. */
function table(heading: string): string[][] {
  const section = page.split(`## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  const rows = section.split("\n").filter((line) => line.startsWith("|"));
  return rows.slice(2).map((row) =>
    row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

describe("PROTOCOL.md", () => {
  it.each(block("json client"))("shows a message that a server takes: %.60s", (line) => {
    expect(codec.parseClientMessage(line)).toMatchObject({ user_id: "ann", doc_id: "minutes" });
  });

  it.each(block("json server"))("shows a message that a client takes: %.60s", (line) => {
    expect(codec.parseServerMessage(line)).toEqual(JSON.parse(line));
  });

  it("shows every type of message that there is", () => {
    const types = (kind: string) => new Set(block(kind).map((line) => JSON.parse(line).type));
    expect([...types("json client")].sort()).toEqual([...codec.clientSchemas.keys()].sort());
    expect([...types("json server")].sort()).toEqual([...codec.serverSchemas.keys()].sort());
  });

  it("lists every close code, and whether to connect again", () => {
    const listed = table("Close codes").map(([code, name, , again]) => [name, Number(code), again === "yes"]);
    const ours = Object.entries(closeCode).map(([name, code]) => [name, code, mayRetry(code)]);
    expect(listed).toEqual(ours);
    expect(mayRetry(1006)).toBe(true);
  });

  it("lists every limit with its default", () => {
    const listed = table("Limits").map(([name, value]) => [name, Number(value)]);
    expect(listed).toEqual(Object.entries(defaultLimits));
  });
});
