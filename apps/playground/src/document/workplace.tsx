import type { RemoteDocument, Session } from "@motet/client";
import type { DocumentId } from "@motet/document";
import { useCallback, useRef, useState } from "preact/hooks";
import type { EditorHandle } from "../editor/editor.js";
import { useDesk } from "../history/use-desk.js";
import { useKept } from "../kept/kept.js";
import { Announcer } from "./announcer.js";
import { Head } from "./head.js";
import { Menu } from "./menu.js";
import { inOrder } from "./people.js";
import { PeoplePopover } from "./people-popover.js";
import { ShareDialog } from "./share-dialog.js";
import { ShortcutsDialog } from "./shortcuts-dialog.js";
import { Studio } from "./studio.js";
import { useRedrawOn } from "./use-events.js";
import { useMemory } from "./use-memory.js";
import { useOfflineSwitch } from "./use-offline-switch.js";
import { useShortcuts } from "./use-shortcuts.js";
import { useStanding } from "./use-standing.js";

export interface WorkplaceProps {
  readonly id: DocumentId;
  readonly document: RemoteDocument;
  readonly self: Session | undefined;
}

type Dialog = "share" | "shortcuts";

/** A document and everything around it. */
export function Workplace({ id, document, self }: WorkplaceProps) {
  const { signIn } = useKept();
  const editor = useRef<EditorHandle>(null);
  const [isOffline, goOffline] = useOfflineSwitch(document);
  const [isHistoryOpen, setIsHistoryOpen] = useState(false);
  const [dialog, setDialog] = useState<Dialog>();
  const desk = useDesk(id, document);
  const standing = useStanding(document, isOffline);
  const onRename = useRename(document, isOffline);
  useRedrawOn(document, "people");
  useMemory(id, document);

  const people = inOrder(document.people, self?.user);
  const isReadOnly = self?.rights === "read";
  // The browser says that one was closed when another may be open already.
  const close = (closed: Dialog) => setDialog((open) => (open === closed ? undefined : open));
  const share = () => setDialog("share");
  const toggleHistory = () => {
    if (isHistoryOpen) desk.onVersion(undefined);
    setIsHistoryOpen(!isHistoryOpen);
  };
  useShortcuts({
    history: toggleHistory,
    share,
    offline: () => goOffline(!isOffline),
    help: () => setDialog("shortcuts"),
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
      <PeoplePopover people={people} self={self?.user} onRename={signIn.value ? undefined : onRename} />
      <Menu
        isOfflineByChoice={isOffline}
        onOffline={goOffline}
        onShare={share}
        onShortcuts={() => setDialog("shortcuts")}
      />
      {dialog === "share" && (
        <ShareDialog needsToken={signIn.value !== undefined} onClose={() => close("share")} />
      )}
      {dialog === "shortcuts" && <ShortcutsDialog onClose={() => close("shortcuts")} />}
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
