import { describe, expect, it } from "vitest";
import { closeCode, Frame } from "../src/index.js";
import { MemorySocket, Recorder } from "../src/testing/index.js";
import { socketLaws } from "./socket-laws.js";

function open() {
  const [near, far] = MemorySocket.pair();
  return [
    { socket: near, heard: near.listen(new Recorder()) },
    { socket: far, heard: far.listen(new Recorder()) },
  ] as const;
}

describe("a line in memory", () => {
  socketLaws(async () => open());

  it("keeps what comes before anyone listens", async () => {
    const [near, far] = MemorySocket.pair();
    near.send(Frame.text("early"));
    const heard = far.listen(new Recorder());
    await heard.until((it) => it.texts.length === 1);
    expect(heard.texts).toEqual(["early"]);
  });

  it("lets the sender see what a stalled reader has not read", async () => {
    const [near, far] = open();
    far.socket.pause();
    near.socket.send(Frame.text("äöü"));
    near.socket.send(Frame.binary(new Uint8Array(10)));
    expect(near.socket.bufferedBytes).toBe(16);
    far.socket.resume();
    await far.heard.until((it) => it.binaries.length === 1);
    expect(near.socket.bufferedBytes).toBe(0);
  });

  it("closes with 1011 when its listener throws", async () => {
    const [near, far] = MemorySocket.pair();
    const heard = near.listen(new Recorder());
    const throwing = far.listen(
      new (class extends Recorder {
        override text(): void {
          throw new Error("a defect");
        }
      })(),
    );
    near.send("hello");
    await heard.until((it) => it.closedWith !== undefined);
    expect([heard.closedWith?.code, throwing.failures.length]).toEqual([closeCode.internal, 1]);
  });
});
