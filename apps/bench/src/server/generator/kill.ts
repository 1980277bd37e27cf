import type { Answer, Findings, Load } from "../job.js";
import { eachMark } from "../mark.js";
import { Crowd, type Place } from "./crowd.js";
import { paced } from "./paced.js";
import { forMs } from "./wait.js";

const DOCUMENT = "killed0";

/** People type, and the server's process is killed under their hands. */
export async function kill(place: Place, pid: number, load: Load & { kind: "kill" }): Promise<Answer> {
  const { writers, editsPerSecond, seconds } = load;
  const crowd = new Crowd(place);
  await crowd.join(1, writers, "killed");
  await paced(crowd.people, writers * editsPerSecond, seconds, (person) => person.edit());
  process.kill(pid, "SIGKILL");
  await forMs(200);
  const acked = crowd.people.map((person) => person.acked);
  crowd.leave();
  return { findings: { acked: acked.reduce((sum, count) => sum + count, 0) }, acked };
}

/** How many of the edits that a server acknowledged before it was killed are not in its document now. */
export async function missing(place: Place, { acked }: Load & { kind: "missing" }): Promise<Findings> {
  const person = new Crowd(place).add(DOCUMENT, true);
  await person.joined;
  const there = new Set<string>();
  eachMark(Buffer.from(person.speaker.text()), (writer, number) => there.add(`${writer}/${number}`));
  person.socket.terminate();
  const lost = acked.map((count, writer) => {
    const numbers = Array.from({ length: count }, (_, number) => number);
    return numbers.filter((number) => !there.has(`${writer}/${number}`)).length;
  });
  return { lost: lost.reduce((sum, count) => sum + count, 0) };
}
