import { useRef, useState } from "preact/hooks";
import { Dialog } from "../ui/dialog.js";
import { Icon } from "../ui/icon.js";

export interface ShareDialogProps {
  /** Whether the server asks everybody who they are. */
  readonly needsToken: boolean;
  readonly onClose: () => void;
}

/** The document's address, to be handed on. */
export function ShareDialog({ needsToken, onClose }: ShareDialogProps) {
  const field = useRef<HTMLInputElement>(null);
  const [outcome, setOutcome] = useState<"copied" | "by hand">();
  const copy = async () => setOutcome((await copyText(field.current)) ? "copied" : "by hand");
  return (
    <Dialog title="Share this document" onClose={onClose}>
      <p>
        {needsToken
          ? "Whoever has the link and a token of this server that may open it can work on it with you."
          : "Whoever has the link and reaches this server can read it and write in it with you."}
      </p>
      <div class="joined">
        <input
          ref={field}
          class="field"
          readOnly
          value={location.origin + location.pathname}
          aria-label="Link to this document"
          onFocus={(event) => event.currentTarget.select()}
        />
        <button type="button" class="button primary" autofocus onClick={copy}>
          <Icon name={outcome === "copied" ? "check" : "link"} />
          {outcome === "copied" ? "Copied" : "Copy link"}
        </button>
      </div>
      <p class="hint" role="status">
        {outcome === "copied" && "The link is on the clipboard."}
        {outcome === "by hand" && "The browser does not let us: press Ctrl+C or ⌘C."}
      </p>
    </Dialog>
  );
}

/** Whether the field's text is on the clipboard now; it is selected in any case. */
async function copyText(field: HTMLInputElement | null): Promise<boolean> {
  field?.select();
  try {
    await navigator.clipboard.writeText(field?.value ?? "");
    return true;
  } catch {
    return false; // No permission, or a page that was not served over TLS.
  }
}
