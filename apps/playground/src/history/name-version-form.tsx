import { useEffect, useRef, useState } from "preact/hooks";
import { useSay } from "../ui/toasts.js";
import type { ApiError, DocumentApi } from "./document-api.js";

export interface NameVersionFormProps {
  readonly api: DocumentApi;
  readonly version: number;
  readonly onRefresh: () => void;
  readonly onDone: () => void;
}

/** Gives a state a name, once and for ever. */
export function NameVersionForm({ api, version, onRefresh, onDone }: NameVersionFormProps) {
  const say = useSay();
  const field = useRef<HTMLInputElement>(null);
  const [name, setName] = useState("");
  const [refusal, setRefusal] = useState("");
  useEffect(() => field.current?.focus(), []);
  const submit = async (event: Event) => {
    event.preventDefault();
    try {
      await api.nameVersion(name.trim(), version);
      say(`This version is called “${name.trim()}” now.`);
      onRefresh();
      onDone();
    } catch (error) {
      const { code, message } = error as ApiError;
      setRefusal(code === "NAME_TAKEN" ? "Another version has this name." : `Not named: ${message}.`);
    }
  };
  return (
    <form class="name-form" onSubmit={submit}>
      <label for="version-name">Name of this version</label>
      <div class="joined">
        <input
          id="version-name"
          ref={field}
          class="field"
          value={name}
          maxLength={128}
          autocomplete="off"
          placeholder="First draft"
          aria-invalid={refusal !== ""}
          aria-describedby="version-name-refusal"
          onInput={(event) => setName(event.currentTarget.value)}
        />
        <button type="submit" class="button" disabled={name.trim() === ""}>
          Save
        </button>
      </div>
      <p class="hint" id="version-name-refusal" role="alert">
        {refusal}
      </p>
    </form>
  );
}
