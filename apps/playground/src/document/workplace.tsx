import type { RemoteDocument, Session } from "@motet/client";
import type { DocumentId } from "@motet/document";
import { useCallback, useRef, useState } from "preact/hooks";
import type { EditorHandle } from "../editor/editor.js";
import { useDesk } from "../history/use-desk.js";
import { useKept } from "../kept/kept.js";
import { useStored } from "../kept/stored.js";
import { Announcer } from "./announcer.js";
import { Dialogs, useDialogs } from "./dialogs.js";
import { Head } from "./head.js";
import { Menu } from "./menu.js";
import { PeoplePopover } from "./people-popover.js";
import { Studio } from "./studio.js";
import { useMemory } from "./use-memory.js";
import { useOfflineSwitch } from "./use-offline-switch.js";
import { usePeople } from "./use-people.js";
import { useShortcuts } from "./use-shortcuts.js";
import { useStanding } from "./use-standing.js";

export interface WorkplaceProps {
  readonly id: DocumentId;
  readonly document: RemoteDocument;
  readonly self: Session | undefined;
}

/** A document and everything around it. */
export function Workplace({ id, document, self }: WorkplaceProps) {
  const isSignedIn = useStored(useKept().signIn) !== undefined;
  const editor = useRef<EditorHandle>(null);
  const [isOffline, goOffline] = useOfflineSwitch(document);
  const [isHistoryOpen, setIsHistoryOpen] = useState(false);
  const { open, setOpen, onClosed } = useDialogs();
  const desk = useDesk(id, document);
  const standing = useStanding(document, isOffline);
  const onRename = useRename(document, isOffline);
  useMemory(id, document);

  const people = usePeople(document, self?.user);
  const isReadOnly = self?.rights === "read";
  const share = () => setOpen("share");
  const toggleHistory = () => {
    if (isHistoryOpen) desk.onVersion(undefined);
    setIsHistoryOpen(!isHistoryOpen);
  };
  useShortcuts({
    history: toggleHistory,
    share,
    offline: () => goOffline(!isOffline),
    help: () => setOpen("shortcuts"),
  });

  return (
    <div class="workplace">
      <Head
        {...{ document, people, isReadOnly, standing, isHistoryOpen }}
        self={self?.user}
        onTitleDone={() => editor.current?.focus()}
        onShare={share}
        onHistory={toggleHistory}
      />
      <Studio {...{ document, desk, editor, isReadOnly, isHistoryOpen }} onHistoryClose={toggleHistory} />
      <PeoplePopover people={people} self={self?.user} onRename={isSignedIn ? undefined : onRename} />
      <Menu
        isOfflineByChoice={isOffline}
        onOffline={goOffline}
        onShare={share}
        onShortcuts={() => setOpen("shortcuts")}
      />
      <Dialogs open={open} needsToken={isSignedIn} onClosed={onClosed} />
      <Announcer document={document} self={self?.user} standing={standing} />
    </div>
  );
}

/** Takes another name: the server hears it with the next line, which is opened for it unless nobody wants one. */
function useRename(document: RemoteDocument, isOffline: boolean): (name: string) => void {
  const { identity } = useKept();
  return useCallback(
    (name: string) => {
      identity.set({ ...identity.value, name });
      if (isOffline) return;
      document.disconnect();
      document.reconnect();
    },
    [document, identity, isOffline],
  );
}
