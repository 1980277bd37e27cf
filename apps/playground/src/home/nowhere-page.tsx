import { Message } from "../ui/message.js";

/** There is nothing at this address. */
export function NowherePage() {
  return (
    <Message icon="document" title="No document can have this address">
      <p>A document’s name has 1 to 128 letters, digits, - and _.</p>
      <a class="button primary" href="/">
        Go to the start
      </a>
    </Message>
  );
}
