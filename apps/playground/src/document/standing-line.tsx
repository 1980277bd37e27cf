import type { Standing } from "./standing.js";

/** The standing in two words and a dot. */
export function StandingLine({ standing: { tone, label, detail } }: { readonly standing: Standing }) {
  return (
    <p class="standing" data-tone={tone} title={detail}>
      <span class="standing-dot" />
      <span class="standing-label">{label}</span>
      <span class="visually-hidden">{detail}</span>
    </p>
  );
}
