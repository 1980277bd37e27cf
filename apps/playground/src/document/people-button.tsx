import type { Person } from "@motet/client";
import { Avatar } from "../ui/avatar.js";
import { doing } from "./people.js";

/** Discs that fit beside the title; a phone shows fewer, by its style sheet. */
const SHOWN = 4;

export const PEOPLE_POPOVER = "people";

export interface PeopleButtonProps {
  readonly people: readonly Person[];
  readonly self: string | undefined;
}

/** Who is here, at a glance; opens the list. */
export function PeopleButton({ people, self }: PeopleButtonProps) {
  const words = people.map(
    (person) => `${person.name}${person.id === self ? " (you)" : ""}, ${doing(person)}`,
  );
  return (
    <button
      type="button"
      class="people-button"
      popovertarget={PEOPLE_POPOVER}
      aria-label={
        people.length === 0 ? "People: nobody while there is no line" : `People: ${words.join("; ")}`
      }
      title="People"
    >
      {people.slice(0, SHOWN).map(({ id, ...person }) => (
        <Avatar key={id} {...person} />
      ))}
      {people.length > SHOWN && <span class="avatar more">+{people.length - SHOWN}</span>}
      {people.length === 0 && <span class="avatar nobody">–</span>}
    </button>
  );
}
