import type { Person, RemoteDocument } from "@motet/client";
import { Icon, Mark } from "../ui/icon.js";
import { IconButton } from "../ui/icon-button.js";
import { MENU_POPOVER } from "./menu.js";
import { PeopleButton } from "./people-button.js";
import type { Standing } from "./standing.js";
import { StandingLine } from "./standing-line.js";
import { TitleField } from "./title-field.js";

export interface HeadProps {
  readonly document: RemoteDocument;
  readonly people: readonly Person[];
  readonly self: string | undefined;
  readonly isReadOnly: boolean;
  readonly standing: Standing;
  readonly isHistoryOpen: boolean;
  readonly onTitleDone: () => void;
  readonly onShare: () => void;
  readonly onHistory: () => void;
}

/** What the document is called, how it stands, who is here, and what can be done with it. */
export function Head(props: HeadProps) {
  const { document, people, self, isReadOnly, standing, isHistoryOpen } = props;
  return (
    <header class="head">
      <a class="home-link" href="/" aria-label="All documents" title="All documents">
        <Mark />
      </a>
      <div class="head-name">
        <TitleField document={document} isReadOnly={isReadOnly} onDone={props.onTitleDone} />
        <StandingLine standing={standing} />
      </div>
      <PeopleButton people={people} self={self} />
      <button type="button" class="button share-button" onClick={props.onShare}>
        <Icon name="share" />
        Share
      </button>
      <IconButton icon="history" label="History" aria-pressed={isHistoryOpen} onClick={props.onHistory} />
      <IconButton icon="more" label="Menu" popovertarget={MENU_POPOVER} />
    </header>
  );
}
