import { expect, it } from "vitest";
import { closeCode, Frame, type Socket } from "../src/index.js";
import type { Recorder } from "../src/testing/index.js";

/** One end of a line, and what it hears. */
export interface End {
  readonly socket: Socket;
  readonly heard: Recorder;
}

const closed = ({ heard }: End) => heard.until((it) => it.closedWith !== undefined);
const bothClosed = (ends: readonly End[]) => Promise.all(ends.map(closed));

/** What every socket promises, whatever it is made of. */
export function socketLaws(open: () => Promise<readonly [End, End]>): void {
  it("carries text and bytes both ways, in order", async () => {
    const [near, far] = await open();
    near.socket.send(Frame.text("grüß dich 👋"));
    near.socket.send(Frame.binary(Uint8Array.of(0, 255)));
    await far.heard.until((it) => it.binaries.length === 1);
    expect([far.heard.texts, far.heard.binaries]).toEqual([["grüß dich 👋"], [Uint8Array.of(0, 255)]]);
    for (let i = 0; i < 100; i++) far.socket.send(Frame.text(`${i}`));
    await near.heard.until((it) => it.texts.length === 100);
    expect(near.heard.texts).toEqual(Array.from({ length: 100 }, (_, i) => `${i}`));
  });

  it("delivers what was sent before it was closed, then the code and the reason", async () => {
    const ends = await open();
    const [near, far] = ends;
    near.socket.send(Frame.text("last words"));
    near.socket.close(closeCode.restart, "back soon");
    await bothClosed(ends);
    expect(far.heard.texts).toEqual(["last words"]);
    expect(far.heard.closedWith).toEqual({ code: closeCode.restart, reason: "back soon" });
  });

  it("tells both ends when it is cut", async () => {
    const ends = await open();
    ends[1].socket.terminate();
    await bothClosed(ends);
    expect(ends.map(({ heard }) => heard.closedWith?.code)).toEqual([1006, 1006]);
  });

  it("reports nothing from inside a call", async () => {
    const ends = await open();
    const [near] = ends;
    near.socket.ping();
    near.socket.send(Frame.text("a"));
    near.socket.terminate();
    expect(ends.map(({ heard }) => [heard.closedWith, heard.heardCount, heard.texts])).toEqual([
      [undefined, 0, []],
      [undefined, 0, []],
    ]);
    await bothClosed(ends);
  });

  it("does nothing, and throws nothing, once it is closed", async () => {
    const ends = await open();
    ends[0].socket.close(closeCode.normal, "");
    await bothClosed(ends);
    for (const { socket } of ends) {
      socket.send(Frame.text("late"));
      socket.ping();
      socket.close(closeCode.restart, "");
      socket.terminate();
      expect(socket.isOpen).toBe(false);
    }
    expect(ends.map(({ heard }) => heard.texts)).toEqual([[], []]);
  });
}
