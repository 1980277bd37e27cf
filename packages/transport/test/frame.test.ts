import { expect, it } from "vitest";
import { Frame } from "../src/index.js";
import { serverFrame } from "../src/node/server-frame.js";

it.each([
  [0, "8200"],
  [1, "8201"],
  [125, "827d"],
  [126, "827e007e"],
  [65_535, "827effff"],
  [65_536, "827f0000000000010000"],
])("a frame of %i bytes begins with %s", (length, head) => {
  const payload = new Uint8Array(length).fill(7);
  const framed = Frame.binary(payload.slice()).written(serverFrame);
  expect(Buffer.from(framed.subarray(0, framed.length - length)).toString("hex")).toBe(head);
  expect(new Uint8Array(framed.subarray(framed.length - length))).toEqual(payload);
});

it("a text is framed in UTF-8, once, and shares its bytes with the frame", () => {
  const frame = Frame.text("é");
  const framed = frame.written(serverFrame);
  expect([...framed]).toEqual([0x81, 2, 0xc3, 0xa9]);
  expect(frame.written(serverFrame)).toBe(framed);
  expect([...frame.bytes]).toEqual([0xc3, 0xa9]);
  expect(frame.bytes.buffer).toBe(framed.buffer);
});
