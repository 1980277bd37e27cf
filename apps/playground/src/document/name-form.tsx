import { useState } from "preact/hooks";
import { useKept } from "../kept/kept.js";
import { useStored } from "../kept/stored.js";

/** What others call this user; kept in this browser. */
export function NameForm({ onRename }: { readonly onRename: (name: string) => void }) {
  const { name } = useStored(useKept().identity);
  const [draft, setDraft] = useState<string>();
  const typed = (draft ?? name).trim();
  const submit = (event: Event) => {
    event.preventDefault();
    setDraft(undefined);
    if (typed !== "" && typed !== name) onRename(typed);
  };
  return (
    <form class="name-form" onSubmit={submit}>
      <label for="name">Your name</label>
      <div class="joined">
        <input
          id="name"
          class="field"
          value={draft ?? name}
          maxLength={40}
          autocomplete="nickname"
          onInput={(event) => setDraft(event.currentTarget.value)}
        />
        <button type="submit" class="button" disabled={typed === "" || typed === name}>
          Save
        </button>
      </div>
    </form>
  );
}
