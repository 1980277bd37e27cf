import { random, seeds } from "@motet/testing";
import { Markdown } from "@motet/testing/pages";
import { describe, expect, it } from "vitest";
import { encodeState, type TextCRDT, Update } from "../src/index.js";
import { operationsIn, readState } from "./support/format-reader.js";
import { STORIES } from "./support/golden-stories.js";
import { editAnywhere, internalOrder, replicas } from "./support/replicas.js";

const page = new Markdown(new URL("../FORMAT.md", import.meta.url));

/** What the package and the second reader make of the same document, in both layouts. */
function expectUnderstood(text: TextCRDT): void {
  const [byId, state] = [text.encodeUpdate(), encodeState(text)];
  const told = operationsIn(byId);
  expect(told).toHaveLength([...text.version].reduce((sum, [, seq]) => sum + seq, 0));
  expect(operationsIn(state)).toEqual(told);
  expect(readState(state)).toEqual({ text: text.toString(), order: internalOrder(text) });
}

describe("a reader that was written from FORMAT.md", () => {
  it.each(Object.entries(STORIES))("understands what is written: %s", (_name, tell) =>
    expectUnderstood(tell()),
  );

  it.each(Object.entries(STORIES))("understands what who joins is sent: %s", (_name, tell) => {
    const text = tell();
    const [joiner] = replicas("joiner");
    const joining = encodeState(text, { withoutDeleted: true });
    joiner.applyUpdate(joining);
    expect(operationsIn(joining)).toEqual(operationsIn(joiner.encodeUpdate()));
    expect(readState(joining).text).toBe(text.toString());
  });

  it.each(seeds(100))("understands what people write who do not see each other, seed %i", (seed) => {
    const rng = random(seed);
    const texts = replicas("ann", "Zb3-_kq01Xy", "cy");
    for (let step = 0; step < 30; step++) {
      const text = rng.pick(texts);
      if (rng.once(10)) text.appendRow(rng.int(200), new Uint8Array(rng.int(3)));
      else editAnywhere(text, rng);
      if (rng.once(4)) rng.pick(texts).merge(text);
    }
    for (const text of texts) expectUnderstood(text);
    const [ann, other] = texts;
    const news = operationsIn(ann.encodeUpdate()).filter((told) => !has(other, told));
    expect(operationsIn(ann.encodeUpdate(other.version)).map(beginningOf)).toEqual(news.map(beginningOf));
  });
});

describe("FORMAT.md", () => {
  const examples = page.block("hex").trim().split("\n");

  it.each(examples)("shows an update that is taken, and what it says: %s", (line) => {
    const [bytes, told] = line.split(" | ");
    const update = Uint8Array.from(Buffer.from(bytes.replaceAll(" ", ""), "hex"));
    expect(Update.decode(update).bytes).toEqual(update);
    expect(operationsIn(update)).toEqual(told.split("; ").filter((operation) => operation !== "nothing"));
  });
});

function has({ version }: TextCRDT, told: string): boolean {
  const [, replica, seq] = /^([^:]+):(\d+) /.exec(told)!;
  return version.get(replica as never) >= Number(seq);
}

/** Without the right origin, which a row that goes on from before the update does not tell. */
function beginningOf(told: string): string {
  return told.replace(/ and .*$/, "");
}
