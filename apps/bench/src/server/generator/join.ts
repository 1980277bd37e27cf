import { loadSequential } from "../../text/traces/load.js";
import type { Findings, Load } from "../job.js";
import { Crowd, type Place } from "./crowd.js";
import { percentile } from "./percentile.js";
import { forMs } from "./wait.js";

const DOCUMENT = "automerge-paper";
/** Long enough for every server here to take a document in, and for those that store after a delay to store it. */
const UPLOAD_MS = 6_000;
/** Between two joins: long enough for a server to let a document go that nobody has open. */
const FORGET_MS = 300;

/** Puts a document in, and waits until it has been taken in, and stored where there is a store. */
export async function upload(place: Place, load: Load & { kind: "upload" }): Promise<Findings> {
  const crowd = new Crowd(place);
  const person = crowd.add(load.document);
  await person.joined;
  const trace = loadSequential(load.traces, DOCUMENT);
  person.speaker.upload(trace);
  await forMs(UPLOAD_MS);
  crowd.leave();
  return { units: trace.endContent.length };
}

/** Joins one after the other: until the last byte, until the text is there, and how many bytes. */
export async function join(
  place: Place,
  { document, times, isHeld }: Load & { kind: "join" },
): Promise<Findings> {
  const holder = new Crowd(place);
  if (isHeld) await holder.add(document).joined;
  const [lastByteMs, textMs, bytes]: [number[], number[], number[]] = [[], [], []];
  for (let time = 0; time < times; time++) {
    await forMs(FORGET_MS);
    const crowd = new Crowd(place);
    const startMs = performance.now();
    const person = crowd.add(document, true);
    await person.joined;
    if (person.speaker.text().length === 0) throw new Error("the document was not there");
    textMs.push(performance.now() - startMs);
    lastByteMs.push(person.heardMs - startMs);
    bytes.push(person.received);
    crowd.leave();
  }
  holder.leave();
  const found = [percentile(lastByteMs, 0.5), percentile(textMs, 0.5), percentile(bytes, 0.5)] as const;
  const [lastByte, text, size] = found;
  return isHeld
    ? { lastByteMs: lastByte, textMs: text, bytes: size }
    : { storedLastByteMs: lastByte, storedTextMs: text, storedBytes: size };
}
