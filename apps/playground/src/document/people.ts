import type { Person } from "@motet/client";

const ORDER = { active: 0, idle: 1, away: 2 } as const;

/** Everybody as they are shown: oneself first, then who is at work, idle, away; within those, as they came. */
export function inOrder(people: ReadonlyMap<string, Person>, self: string | undefined): readonly Person[] {
  const rank = ({ id, status }: Person) => (id === self ? -1 : ORDER[status]);
  return [...people.values()].sort((one, other) => rank(one) - rank(other));
}

/** What somebody is doing, in words. */
export function doing({ status }: Person): string {
  return { active: "Here", idle: "Idle", away: "Away" }[status];
}

/** One or two letters that stand for a name. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  const first = [...(words[0] ?? "")][0] ?? "?";
  const last = words.length > 1 ? ([...(words.at(-1) ?? "")][0] ?? "") : "";
  return (first + last).toUpperCase();
}

/** Some names as a part of a sentence: "Ann", "Ann, Bob and Cem", "Ann, Bob and 3 others". */
export function inWords(names: readonly string[]): string {
  const shown = names.length <= 3 ? names : [...names.slice(0, 2), `${names.length - 2} others`];
  return [shown.slice(0, -1).join(", "), ...shown.slice(-1)].filter((part) => part !== "").join(" and ");
}
