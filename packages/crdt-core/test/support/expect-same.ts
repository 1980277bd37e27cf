import { isDeepStrictEqual } from "node:util";
import type { TextItem } from "../../src/index.js";

/** Throws unless both answers are the same. Faster than an assertion with a picture, of which the histories need millions. */
export function expectSame(engine: unknown, plain: unknown, what: string): void {
  if (engine === plain || isDeepStrictEqual(engine, plain)) return;
  throw new Error(
    `${what}: the engine says ${JSON.stringify(engine)}, the plain text ${JSON.stringify(plain)}`,
  );
}

/** Throws unless both have the same elements in the same order. Characters that the engine does not hold are passed over. */
export function expectSameItems(engine: Iterable<TextItem>, plain: Iterable<TextItem>): void {
  const [mine, theirs] = [[...engine], [...plain]];
  expectSame(mine.length, theirs.length, "the number of elements");
  mine.forEach((item, at) => {
    const isLeftOut = item.deleted && item.character === "";
    const seen = spelled(isLeftOut ? { ...item, character: theirs[at].character } : item);
    if (seen !== spelled(theirs[at])) expectSame(seen, spelled(theirs[at]), `element ${at}`);
  });
}

function spelled({ id, character, left, right, deleted }: TextItem): string {
  const origins = `${left?.replica}:${left?.seq} ${right?.replica}:${right?.seq}`;
  return `${id.replica}:${id.seq} ${character} ${deleted} ${origins}`;
}
