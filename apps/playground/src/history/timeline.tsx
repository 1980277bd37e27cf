import { inWords } from "../document/people.js";
import { IconButton } from "../ui/icon-button.js";
import { clockTime, dayAndTime } from "../ui/time.js";
import type { Author } from "./authors.js";
import { sittingOf } from "./sitting-of.js";
import type { DocumentHistory } from "./use-history.js";

export interface TimelineProps {
  readonly history: DocumentHistory;
  readonly version: number | undefined;
  readonly authorOf: (userId: string) => Author;
  readonly onVersion: (version: number | undefined) => void;
}

/** From the beginning to now, an operation a step; the buttons go from one sitting to the next. */
export function Timeline({ history, version, authorOf, onVersion }: TimelineProps) {
  const { latest } = history;
  const at = version ?? latest;
  const go = (to: number) => onVersion(to >= latest ? undefined : to);
  const label = labelOf(at, history, authorOf);
  const previous = history.sittings.find(({ after }) => after < at)?.after ?? 0;
  const next = history.sittings.findLast(({ after }) => after > at)?.after ?? latest;
  return (
    <section class="timeline" aria-label="Timeline">
      <p class="timeline-label">
        <strong>{version === undefined ? "Now" : label.when}</strong>
        <span>{label.who}</span>
      </p>
      <div class="timeline-slider">
        <IconButton
          icon="previous"
          label="Previous sitting"
          disabled={at === 0}
          onClick={() => go(previous)}
        />
        <input
          type="range"
          min={0}
          max={latest}
          value={at}
          aria-label="Version"
          aria-valuetext={version === undefined ? "Now" : `${label.when}, ${label.who}`}
          style={{ "--at": `${latest === 0 ? 100 : (at / latest) * 100}%` }}
          onInput={(event) => go(event.currentTarget.valueAsNumber)}
        />
        <IconButton
          icon="next"
          label="Next sitting"
          disabled={version === undefined}
          onClick={() => go(next)}
        />
      </div>
    </section>
  );
}

function labelOf(version: number, { sittings }: DocumentHistory, authorOf: (userId: string) => Author) {
  const sitting = sittingOf(version, sittings);
  if (version === 0) return { when: "The beginning", who: "Nothing was written yet" };
  if (sitting === undefined) return { when: "Earlier", who: `after ${version} steps` };
  const { from_ms: fromMs, to_ms: toMs } = sitting;
  const isOneMinute = clockTime(fromMs) === clockTime(toMs);
  return {
    when: isOneMinute ? dayAndTime(fromMs) : `${dayAndTime(fromMs)} – ${clockTime(toMs)}`,
    who: inWords(sitting.user_ids.map((id) => authorOf(id).name)),
  };
}
