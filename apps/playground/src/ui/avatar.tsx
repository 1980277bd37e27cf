import type { Person } from "@motet/client";
import { initials } from "../document/people.js";

export interface AvatarProps {
  readonly name: string;
  /** `#rrggbb`, theirs in this document. */
  readonly colour: string;
  readonly status: Person["status"];
}

/** Somebody, as a disc: their colour around their initials, and how present they are. The words stand elsewhere. */
export function Avatar({ name, colour, status }: AvatarProps) {
  return (
    <span class="avatar" data-status={status} style={{ "--person": colour }} aria-hidden="true">
      {initials(name)}
    </span>
  );
}
