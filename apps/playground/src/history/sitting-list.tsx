import { inWords } from "../document/people.js";
import { clockTime, dayAndTime } from "../ui/time.js";
import type { Author } from "./authors.js";
import type { Sitting } from "./document-api.js";
import { sittingOf } from "./sitting-of.js";
import type { DocumentHistory } from "./use-history.js";

export interface SittingListProps {
  readonly history: DocumentHistory;
  /** The state that is looked at. */
  readonly version: number;
  readonly authorOf: (userId: string) => Author;
  readonly onChoose: (sitting: Sitting) => void;
  readonly onEarlier: (before: number) => void;
}

/** When people worked on the document, newest first. */
export function SittingList({ history, version, authorOf, onChoose, onEarlier }: SittingListProps) {
  const { sittings, next } = history;
  const current = sittingOf(version, sittings);
  return (
    <section aria-labelledby="sittings">
      <h3 id="sittings">Sittings</h3>
      <ul>
        {sittings.map((sitting) => (
          <li key={sitting.before}>
            <SittingRow
              sitting={sitting}
              isCurrent={sitting === current}
              authors={sitting.user_ids.map(authorOf)}
              onChoose={onChoose}
            />
          </li>
        ))}
      </ul>
      {next !== undefined && (
        <button type="button" class="button" onClick={() => onEarlier(next)}>
          Show earlier ones
        </button>
      )}
    </section>
  );
}

interface SittingRowProps {
  readonly sitting: Sitting;
  readonly isCurrent: boolean;
  readonly authors: readonly Author[];
  readonly onChoose: (sitting: Sitting) => void;
}

function SittingRow({ sitting, isCurrent, authors, onChoose }: SittingRowProps) {
  return (
    <button type="button" class="row sitting" aria-current={isCurrent} onClick={() => onChoose(sitting)}>
      <span class="row-words">
        {dayAndTime(sitting.from_ms)}
        <span class="hint">{inWords(authors.map(({ name }) => name))}</span>
      </span>
      <span class="sitting-authors" aria-hidden="true">
        {authors.slice(0, 5).map(({ id, colour }) => (
          <span key={id} class="swatch" style={{ "--person": colour }} />
        ))}
      </span>
      <span class="row-aside">{lasted(sitting)}</span>
    </button>
  );
}

function lasted({ from_ms: fromMs, to_ms: toMs }: Sitting): string {
  const minutes = Math.round((toMs - fromMs) / 60_000);
  return minutes < 1 ? "" : minutes < 60 ? `${minutes} min` : `until ${clockTime(toMs)}`;
}
