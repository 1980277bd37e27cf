import { newDocumentId, pathOf } from "../address.js";
import { useKept } from "../kept/kept.js";
import { useStored } from "../kept/stored.js";
import { Icon, type IconName } from "../ui/icon.js";
import { closePopover, Popover } from "../ui/popover.js";
import { Switch } from "../ui/switch.js";
import { ThemeChoice } from "../ui/theme-choice.js";

export const MENU_POPOVER = "menu";

export interface MenuProps {
  readonly isOfflineByChoice: boolean;
  readonly onOffline: (isOffline: boolean) => void;
  readonly onShare: () => void;
  readonly onShortcuts: () => void;
}

/** What is not needed every minute. */
export function Menu({ isOfflineByChoice, onOffline, onShare, onShortcuts }: MenuProps) {
  const { signIn } = useKept();
  const isSignedIn = useStored(signIn) !== undefined;
  const signOut = () => {
    signIn.set(undefined);
    location.reload();
  };
  return (
    <Popover id={MENU_POPOVER} label="Menu">
      <Switch isOn={isOfflineByChoice} onToggle={onOffline}>
        Work offline
        <span class="hint">Closes the line. Edits go on, and come back with it.</span>
      </Switch>
      <hr />
      <MenuItem icon="share" words="Share link" onClick={onShare} />
      <MenuItem icon="keyboard" words="Keyboard shortcuts" onClick={onShortcuts} />
      <MenuItem icon="plus" words="New document" onClick={() => location.assign(pathOf(newDocumentId()))} />
      {isSignedIn && <MenuItem icon="leave" words="Sign out" onClick={signOut} />}
      <hr />
      <ThemeChoice />
    </Popover>
  );
}

interface MenuItemProps {
  readonly icon: IconName;
  readonly words: string;
  readonly onClick: () => void;
}

function MenuItem({ icon, words, onClick }: MenuItemProps) {
  const choose = () => {
    closePopover(MENU_POPOVER);
    onClick();
  };
  return (
    <button type="button" class="row" onClick={choose}>
      <Icon name={icon} />
      <span class="row-words">{words}</span>
    </button>
  );
}
