import type { Address } from "./address.js";
import { DocumentPage } from "./document/document-page.js";
import { HomePage } from "./home/home-page.js";
import { NowherePage } from "./home/nowhere-page.js";
import { type Kept, KeptProvider } from "./kept/kept.js";
import { Toasts } from "./ui/toasts.js";

/** The page at an address. Going elsewhere is a page load: nothing of one document is left in the next. */
export function App({ address, kept }: { readonly address: Address; readonly kept: Kept }) {
  return (
    <KeptProvider value={kept}>
      <Toasts>
        <Page address={address} />
      </Toasts>
    </KeptProvider>
  );
}

function Page({ address }: { readonly address: Address }) {
  switch (address.page) {
    case "home":
      return <HomePage />;
    case "document":
      return <DocumentPage id={address.id} />;
    case "nowhere":
      return <NowherePage />;
  }
}
