import { useState } from "preact/hooks";
import { documentMeantBy, newDocumentId, pathOf } from "../address.js";
import { type RecentDocument, useKept } from "../kept/kept.js";
import { useStored } from "../kept/stored.js";
import { Icon, Mark } from "../ui/icon.js";
import { ThemeChoice } from "../ui/theme-choice.js";
import { dayAndTime } from "../ui/time.js";

/** Where one begins: a new document, one that somebody else told of, or one that was open before. */
export function HomePage() {
  const recent = useStored(useKept().recent);
  return (
    <main class="home">
      <header class="home-head">
        <Mark />
        <h1>Write together</h1>
        <p>Everybody types at once, every word stays whole, and what says “saved” is saved.</p>
      </header>
      <div class="home-begin">
        <button
          type="button"
          class="button primary large"
          onClick={() => location.assign(pathOf(newDocumentId()))}
        >
          <Icon name="plus" />
          New document
        </button>
        <OpenForm />
      </div>
      {recent.length > 0 && <RecentList documents={recent} />}
      <footer class="home-foot">
        <ThemeChoice />
      </footer>
    </main>
  );
}

function OpenForm() {
  const [typed, setTyped] = useState("");
  const [isWrong, setIsWrong] = useState(false);
  const open = (event: Event) => {
    event.preventDefault();
    const id = documentMeantBy(typed);
    setIsWrong(id === undefined);
    if (id !== undefined) location.assign(pathOf(id));
  };
  return (
    <form class="open" onSubmit={open}>
      <div class="joined">
        <input
          class="field"
          value={typed}
          aria-label="Name or link of a document"
          placeholder="Name or link of a document"
          aria-invalid={isWrong}
          aria-describedby="open-hint"
          autocapitalize="off"
          autocomplete="off"
          spellcheck={false}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
        <button type="submit" class="button">
          Open
        </button>
      </div>
      <p class="hint" id="open-hint" role={isWrong ? "alert" : undefined}>
        {isWrong
          ? "A name has 1 to 128 letters, digits, - and _."
          : "A name that nobody uses yet makes a new one."}
      </p>
    </form>
  );
}

function RecentList({ documents }: { readonly documents: readonly RecentDocument[] }) {
  return (
    <section class="recent" aria-labelledby="recent">
      <h2 id="recent">Open before</h2>
      <ul>
        {documents.map(({ id, title, openedMs }) => (
          <li key={id}>
            <a class="row" href={pathOf(id)}>
              <Icon name="document" />
              <span class="row-words">{title || id}</span>
              <span class="row-aside">{dayAndTime(openedMs)}</span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
