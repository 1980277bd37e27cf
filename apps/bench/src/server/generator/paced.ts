import type { Person } from "./crowd.js";
import { forMs } from "./wait.js";

/** Lets people act in turn, `perSecond` times a second all together. */
export async function paced(
  people: readonly Person[],
  perSecond: number,
  seconds: number,
  act: (person: Person) => void,
): Promise<void> {
  const startMs = performance.now();
  const count = Math.round(perSecond * seconds);
  for (let done = 0; done < count; ) {
    const due = Math.min(count, Math.floor(((performance.now() - startMs) * perSecond) / 1_000));
    for (; done < due; done++) act(people[done % people.length]!);
    if (done < count) await forMs(1);
  }
}
