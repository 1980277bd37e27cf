import type { Person } from "@motet/client";
import { COLOURS } from "@motet/presence";
import { nameFromId } from "../kept/identity.js";
import type { Kept } from "../kept/kept.js";

/** Somebody who wrote something, whether they are here now or not. */
export interface Author {
  readonly id: string;
  readonly name: string;
  /** `#rrggbb` */
  readonly colour: string;
}

/**
 * Finds the author behind an id: as they are called and coloured here now, else as they were when this browser saw them
 * last. Who is not here gets a colour that nobody here has, while there are any.
 */
export class Authors {
  readonly #kept: Kept;
  readonly #absent = new Map<string, string>();

  constructor(kept: Kept) {
    this.#kept = kept;
  }

  of(id: string, people: ReadonlyMap<string, Person>): Author {
    const here = people.get(id);
    if (here !== undefined) return here;
    const name = new Map(this.#kept.names.value).get(id) ?? nameFromId(id);
    return { id, name, colour: this.#colourOf(id, people) };
  }

  #colourOf(id: string, people: ReadonlyMap<string, Person>): string {
    const known = this.#absent.get(id);
    if (known !== undefined) return known;
    const taken = new Set([...this.#absent.values(), ...[...people.values()].map(({ colour }) => colour)]);
    const colour = COLOURS.find((it) => !taken.has(it)) ?? COLOURS[this.#absent.size % COLOURS.length]!;
    this.#absent.set(id, colour);
    return colour;
  }
}
