import type { Random } from "@motet/testing";
import { CrdtError, encodeState, TextCRDT, Update } from "../../src/index.js";
import { expectSame } from "./expect-same.js";
import { checkInvariants } from "./invariants.js";
import { Network } from "./network.js";
import { internalOrder, replicas } from "./replicas.js";

/** Bytes that mean much where a number stands: ends of ranges, and every layout's first byte. */
const TELLING = [0, 1, 2, 0x10, 0x11, 0x12, 0x7f, 0x80, 0xc2, 0xed, 0xff];

/** A small document, and everything that it was ever sent as, in every layout. */
export interface Sample {
  readonly text: TextCRDT;
  readonly updates: readonly Uint8Array[];
}

/** What three people wrote, among it text that was typed in one gap, deleted text and opaque rows. */
export function sampleOf(rng: Random): Sample {
  const network = new Network(replicas("ann", "Zb3-_kq01Xy", "a-much-longer-name"), rng);
  network.edit(12);
  network.texts[0].appendRow(300, Uint8Array.of(1, 2, 3));
  network.deliverAll();
  const [text] = network.texts;
  const joining = encodeState(text, { withoutDeleted: true });
  const [joiner] = replicas("joiner");
  joiner.applyUpdate(joining);
  const whole = [text.encodeUpdate(), encodeState(text), joining, joiner.encodeUpdate()];
  return { text, updates: [...network.sent, ...whole, ...whole] };
}

/** `bytes` damaged in one to three places: changed, cut, lengthened, exchanged, or mixed with those of `other`. */
export function damaged(bytes: Uint8Array, other: Uint8Array, rng: Random): Uint8Array {
  let result = bytes;
  for (let count = 1 + rng.int(3); count > 0; count--) result = damagedOnce(result, other, rng);
  return result;
}

function damagedOnce(bytes: Uint8Array, other: Uint8Array, rng: Random): Uint8Array {
  const [at, to] = [rng.int(bytes.length + 1), rng.int(bytes.length + 1)];
  const [head, tail] = [bytes.subarray(0, at), bytes.subarray(at)];
  switch (rng.int(8)) {
    case 0:
      return head.slice();
    case 1:
      return joined(head, [rng.pick(TELLING)], tail);
    case 2:
      return joined(head, tail.subarray(1 + rng.int(3)));
    case 3:
      return joined(head, [0x80 | rng.int(128), 0xff, 0xff, rng.int(128)], tail.subarray(rng.int(2)));
    case 4:
      return joined(head, other.subarray(rng.int(other.length + 1)));
    case 5:
      return joined(bytes.subarray(0, Math.max(at, to)), bytes.subarray(Math.min(at, to)));
    default: {
      const changed = bytes.slice();
      if (at < bytes.length) {
        changed[at] = rng.pick([
          rng.int(256),
          rng.pick(TELLING),
          changed[at] ^ (1 << rng.int(8)),
          changed[at] + 1,
        ]);
      }
      return changed;
    }
  }
}

function joined(...parts: (Uint8Array | number[])[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/**
 * Gives `bytes` to `text`. Throws unless they are refused with an error of ours and nothing has changed, or taken in and
 * everything is whole and the same for whoever hears of it from there.
 * @returns whether they were taken in.
 */
export function giveBytes(text: TextCRDT, bytes: Uint8Array): boolean {
  const before = [text.toString(), text.version.toJSON()];
  try {
    text.receive(bytes);
  } catch (error) {
    if (!(error instanceof CrdtError)) throw error;
    expectSame([text.toString(), text.version.toJSON()], before, "what a refused update left");
    return false;
  }
  checkInvariants(TextCRDT.engineOf(text));
  const [reader] = replicas("a-reader");
  reader.applyUpdate(text.encodeUpdate());
  expectSame(internalOrder(reader), internalOrder(text), "the order for two who have the same");
  expectSame(reader.encodeUpdate(), text.encodeUpdate(), "the bytes of two who have the same");
  expectSame(encodeState(reader), encodeState(text), "the states of two who have the same");
  return true;
}

/** Whether `bytes` are an update. Throws what is no error of ours. */
export function isUpdate(bytes: Uint8Array): boolean {
  try {
    Update.decode(bytes);
    return true;
  } catch (error) {
    if (error instanceof CrdtError) return false;
    throw error;
  }
}
