/** What the server's policy for this page lets style sheets made here carry; empty where there is no policy. */
export function pageNonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? "";
}
