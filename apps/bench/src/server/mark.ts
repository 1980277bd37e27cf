// mark := "@" writer:3 number:5 ";"     Base 36. An edit types one; whoever sees it in a frame knows whose edit has come, whatever the protocol.

/** How long a mark is, in characters and in bytes. */
export const MARK_LENGTH = 10;

const AT = 0x40;
const SEMICOLON = 0x3b;
const WRITERS_MAX = 36 ** 3;
const NUMBERS_MAX = 36 ** 5;

/** What the writer with that index, in [0, 46_656), types as its edit of that number, in [0, 60_466_176). */
export function markOf(writer: number, number: number): string {
  if (writer >= WRITERS_MAX || number >= NUMBERS_MAX) throw new RangeError("too many edits to be told apart");
  return `@${writer.toString(36).padStart(3, "0")}${number.toString(36).padStart(5, "0")};`;
}

/** Calls `visit` for each mark in a frame, in order. */
export function eachMark(frame: Buffer, visit: (writer: number, number: number) => void): void {
  for (let at = frame.indexOf(AT); at !== -1; at = frame.indexOf(AT, at + 1)) {
    if (frame[at + MARK_LENGTH - 1] !== SEMICOLON) continue;
    const writer = digits(frame, at + 1, 3);
    const number = digits(frame, at + 4, 5);
    if (writer >= 0 && number >= 0) visit(writer, number);
  }
}

/** The number that `count` digits stand for; -1 when they are none. */
function digits(frame: Buffer, from: number, count: number): number {
  let value = 0;
  for (let at = from; at < from + count; at++) {
    const unit = frame[at]!;
    if (unit >= 0x30 && unit <= 0x39) value = value * 36 + unit - 0x30;
    else if (unit >= 0x61 && unit <= 0x7a) value = value * 36 + unit - 0x61 + 10;
    else return -1;
  }
  return value;
}
