import { type ClientError, connect, MemoryLocalStore } from "@motet/client";
import type { DocumentId } from "@motet/document";
import { useState } from "preact/hooks";
import { useKept } from "../kept/kept.js";
import { Message } from "../ui/message.js";

export interface SignInPageProps {
  readonly document: DocumentId;
  /** Whether a token was shown, and did not hold. */
  readonly isAgain: boolean;
}

/** The server wants to know who somebody is. */
export function SignInPage({ document, isAgain }: SignInPageProps) {
  const { signIn } = useKept();
  const [token, setToken] = useState("");
  const [problem, setProblem] = useState(isAgain ? "Your token does not hold any more." : "");
  const submit = async (event: Event) => {
    event.preventDefault();
    try {
      signIn.set({ token: token.trim(), user: await whoHolds(token.trim(), document) });
      location.reload();
    } catch (error) {
      setProblem(
        (error as ClientError).closeCode === undefined
          ? "The server cannot be reached."
          : "This token opens nothing here.",
      );
    }
  };
  return (
    <Message icon="lock" title="This server knows its people">
      <p>Show the token that its administrator gave you. It is kept in this browser until you sign out.</p>
      <form class="sign-in" onSubmit={submit}>
        <div class="joined">
          <input
            class="field"
            type="password"
            value={token}
            aria-label="Token"
            placeholder="Token"
            autocomplete="current-password"
            aria-invalid={problem !== ""}
            aria-describedby="token-problem"
            onInput={(event) => setToken(event.currentTarget.value)}
          />
          <button type="submit" class="button primary" disabled={token.trim() === ""}>
            Sign in
          </button>
        </div>
        <p class="hint" id="token-problem" role="alert">
          {problem}
        </p>
      </form>
    </Message>
  );
}

/**
 * The user whom a token belongs to, as the server says: each user of a browser has a copy of the document of their own,
 * so it has to be known before one is opened. @throws {ClientError} when it does not hold, or nobody can be asked.
 */
async function whoHolds(token: string, document: DocumentId): Promise<string> {
  const asked = connect(location.origin, {
    document,
    token: async () => token,
    store: new MemoryLocalStore(),
  });
  try {
    return await new Promise((resolve, reject) => {
      asked.on("session", ({ user }) => resolve(user));
      asked.on("refused", reject);
      asked.on("problem", (error) => error.code === "UNREACHABLE" && reject(error));
    });
  } finally {
    await asked.close();
  }
}
