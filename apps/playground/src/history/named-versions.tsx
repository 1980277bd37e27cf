import { Icon } from "../ui/icon.js";
import { dayAndTime } from "../ui/time.js";
import type { NamedVersion } from "./document-api.js";

export interface NamedVersionsProps {
  readonly names: readonly NamedVersion[];
  readonly version: number | undefined;
  readonly onVersion: (version: number) => void;
}

/** The states that somebody found worth a name, newest first. */
export function NamedVersions({ names, version, onVersion }: NamedVersionsProps) {
  if (names.length === 0) return null;
  return (
    <section aria-labelledby="named-versions">
      <h3 id="named-versions">Named versions</h3>
      <ul>
        {names.toReversed().map((named) => (
          <li key={named.name}>
            <button
              type="button"
              class="row"
              aria-current={named.version === version}
              onClick={() => onVersion(named.version)}
            >
              <Icon name="tag" />
              <span class="row-words">{named.name}</span>
              <span class="row-aside">{dayAndTime(named.at_ms)}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
