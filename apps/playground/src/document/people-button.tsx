import type { Person } from "@motet/client";
import { Avatar } from "../ui/avatar.js";
import { doing } from "./people.js";

/** Discs that fit beside the title, on a screen and on a phone; the style sheet tells one from the other. */
const SHOWN = { wide: 4, narrow: 2 } as const;

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
      {people.slice(0, SHOWN.wide).map(({ id, ...person }) => (
        <Avatar key={id} {...person} />
      ))}
      <More count={people.length - SHOWN.wide} where="wide" />
      <More count={people.length - SHOWN.narrow} where="narrow" />
      {people.length === 0 && <span class="avatar nobody">–</span>}
    </button>
  );
}

/** How many more there are than discs, if any. */
function More({ count, where }: { readonly count: number; readonly where: keyof typeof SHOWN }) {
  return count > 0 ? <span class={`avatar more ${where}`}>+{count}</span> : null;
}
