import type { ClientError } from "@motet/client";
import type { DocumentId } from "@motet/document";
import { closeCode } from "@motet/transport";
import { useKept } from "../kept/kept.js";
import { Message } from "../ui/message.js";
import { SignInPage } from "./sign-in-page.js";

export interface RefusedPageProps {
  readonly document: DocumentId;
  readonly error: ClientError;
  readonly onRetry: () => void;
}

/** The server does not let this user in; what can be done depends on why. */
export function RefusedPage({ document, error, onRetry }: RefusedPageProps) {
  const { signIn } = useKept();
  if (error.closeCode === closeCode.unauthenticated) {
    return <SignInPage document={document} isAgain={signIn.value !== undefined} />;
  }
  const signOut = () => {
    signIn.set(undefined);
    location.reload();
  };
  if (error.closeCode === closeCode.forbidden) {
    return (
      <Message icon="lock" title="This document is not open to you">
        <p>Ask whoever sent you the link for access, or use another token.</p>
        <div class="buttons">
          <button type="button" class="button primary" onClick={signOut}>
            Use another token
          </button>
          <a class="button" href="/">
            Go to the start
          </a>
        </div>
      </Message>
    );
  }
  return (
    <Message icon="offline" title="The server has ended the connection">
      <p>{error.message}. What you wrote is kept in this browser.</p>
      <button type="button" class="button primary" onClick={onRetry}>
        Connect again
      </button>
    </Message>
  );
}
