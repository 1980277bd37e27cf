import type { Person } from "@motet/client";
import { Avatar } from "../ui/avatar.js";
import { Popover } from "../ui/popover.js";
import { NameForm } from "./name-form.js";
import { doing } from "./people.js";
import { PEOPLE_POPOVER } from "./people-button.js";

export interface PeoplePopoverProps {
  readonly people: readonly Person[];
  readonly self: string | undefined;
  /** Absent where the server says what people are called. */
  readonly onRename: ((name: string) => void) | undefined;
}

/** Everybody who is here, and oneself under whatever name one likes. */
export function PeoplePopover({ people, self, onRename }: PeoplePopoverProps) {
  return (
    <Popover id={PEOPLE_POPOVER} label="People">
      <h2>People here</h2>
      {people.length === 0 && <p class="hint">Without a line, nobody can be seen.</p>}
      <ul class="people">
        {people.map((person) => (
          <li key={person.id} class="row" data-status={person.status}>
            <Avatar {...person} />
            <span class="row-words">
              {person.name}
              {person.id === self && <span class="you"> you</span>}
            </span>
            <span class="row-aside">{doing(person)}</span>
          </li>
        ))}
      </ul>
      {onRename && <NameForm onRename={onRename} />}
    </Popover>
  );
}
