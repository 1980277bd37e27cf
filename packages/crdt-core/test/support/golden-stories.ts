import { random } from "@motet/testing";
import type { TextCRDT } from "../../src/index.js";
import { Network } from "./network.js";
import { replicas, sync } from "./replicas.js";

/** Texts whose encodings are kept for ever. A story is never changed, because then its bytes would be; new ones are added. */
export const STORIES: Readonly<Record<string, () => TextCRDT>> = {
  nothing: () => replicas("ann")[0],

  "typing and backspaces": () => {
    const [ann] = replicas("Zb3-_kq01Xy");
    ann.insert(0, "Hello, wrld");
    for (let count = 0; count < 3; count++) ann.delete(ann.length - 1, 1);
    ann.insert(ann.length, "orld!");
    ann.delete(0, 1);
    ann.insert(0, "h");
    return ann;
  },

  "characters of every width": () => {
    const [ann] = replicas("ann");
    ann.insert(0, "a\u0000é\ufeff日\uffff😀\u{10ffff}\n");
    ann.delete(3, 2);
    ann.insert(2, "\u202eß");
    return ann;
  },

  "rows that are no text": () => {
    const [ann, bob] = replicas("ann", "bob");
    ann.appendRow(0, new Uint8Array());
    ann.insert(0, "abc");
    ann.appendRow(65_535, Uint8Array.of(0, 255, 7));
    sync(ann, bob);
    bob.insert(1, "-");
    bob.appendRow(300, new Uint8Array(130).fill(9));
    ann.merge(bob);
    return ann;
  },

  "words at one place": () => {
    const people = replicas("10", "9", "Zb3-_kq01Xy", "x".repeat(64));
    people[0].insert(0, "()");
    sync(...people);
    people.forEach((person, number) => {
      const word = "abcd"[number].repeat(3);
      if (number % 2 === 0) person.insert(1, word);
      else for (const letter of word) person.insert(1, letter);
    });
    sync(...people);
    people[1].delete(2, 5);
    people[2].delete(3, 5);
    sync(...people);
    return people[0];
  },

  "three who write, send and delete at once": () => {
    const network = new Network(replicas("ann", "bob", "aB4-_kq01Xy"), random(20_26));
    network.edit(60);
    network.deliverAll();
    return network.texts[0];
  },
};
