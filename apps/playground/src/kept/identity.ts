import { randomWord } from "../address.js";

/** Who somebody is, where nobody asks for proof. */
export interface Identity {
  /** Stays the same for as long as the browser keeps it, whatever its owner is called. */
  readonly user: string;
  readonly name: string;
}

const MOODS = ["Amber", "Brisk", "Calm", "Clear", "Golden", "Merry", "Quiet", "Silver", "Swift", "Warm"];
const VOICES = [
  "Alto",
  "Baritone",
  "Bass",
  "Cantor",
  "Cello",
  "Flute",
  "Soprano",
  "Tenor",
  "Treble",
  "Viola",
];

/** Somebody new: a voice of the choir, until they say what they are called. */
export function freshIdentity(): Identity {
  const name = `${pick(MOODS)} ${pick(VOICES)}`;
  return { user: `${name.toLowerCase().replace(" ", "-")}-${randomWord(12)}`, name };
}

/** What to call somebody of whom nothing but the id is known: ids made here begin with the first name they had. */
export function nameFromId(user: string): string {
  const voice = /^([a-z]+)-([a-z]+)-[A-Za-z0-9]{12}$/.exec(user);
  return voice === null ? user : `${capital(voice[1]!)} ${capital(voice[2]!)}`;
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function pick(words: readonly string[]): string {
  return words[crypto.getRandomValues(new Uint32Array(1))[0]! % words.length]!;
}
