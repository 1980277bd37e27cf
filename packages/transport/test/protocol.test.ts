import type { VersionVector } from "@motet/crdt-core";
import { Markdown } from "@motet/testing/pages";
import { describe, expect, it } from "vitest";
import {
  closeCode,
  decodeReplicaClientFrame,
  decodeReplicaServerFrame,
  defaultLimits,
  mayRetry,
} from "../src/index.js";
import { codec } from "./operations.js";

const page = new Markdown(new URL("../PROTOCOL.md", import.meta.url));

/** The lines of the block fenced as `kind`. */
function block(kind: string): string[] {
  return page
    .block(kind)
    .split("\n")
    .filter((line) => line !== "");
}

/** The rows of the table under `heading`, without its head. */
function table(heading: string): string[][] {
  const section = page.text.split(`## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  const rows = section.split("\n").filter((line) => line.startsWith("|"));
  return rows.slice(2).map((row) =>
    row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** A line of a block of frames: the bytes in hexadecimal, and what they mean. */
function example(line: string): [Uint8Array, { kind: string }] {
  const at = line.indexOf("{");
  return [Buffer.from(line.slice(0, at).replaceAll(" ", ""), "hex"), JSON.parse(line.slice(at))];
}

/** A frame as the page writes it. */
function readable(frame: { kind: string; vector?: VersionVector; update?: Uint8Array }): object {
  const { kind, vector, update } = frame;
  return {
    kind,
    ...(vector && { vector: vector.toJSON() }),
    ...(update && { update: Buffer.from(update).toString("hex") }),
  };
}

describe("PROTOCOL.md", () => {
  it.each(block("json client"))("shows a message that a server takes: %.60s", (line) => {
    expect(codec.parseClientMessage(line)).toMatchObject({ user_id: "ann", doc_id: "minutes" });
  });

  it.each(block("json server"))("shows a message that a client takes: %.60s", (line) => {
    expect(codec.parseServerMessage(line)).toEqual(JSON.parse(line));
  });

  it.each(block("hex client"))("shows a frame that a server takes: %.60s", (line) => {
    const [bytes, meaning] = example(line);
    expect(readable(decodeReplicaClientFrame(bytes))).toEqual(meaning);
  });

  it.each(block("hex server"))("shows a frame that a client takes: %.60s", (line) => {
    const [bytes, meaning] = example(line);
    expect(readable(decodeReplicaServerFrame(bytes))).toEqual(meaning);
  });

  it("shows every kind of frame that there is", () => {
    const kinds = [...block("hex client"), ...block("hex server")].map((line) => example(line)[1].kind);
    expect([...new Set(kinds)]).toEqual(["vector", "update", "state", "changes"]);
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
