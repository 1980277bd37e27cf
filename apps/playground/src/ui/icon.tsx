/** Drawn on 20 by 20, in strokes: they take the colour of the text around them. */
const PATHS = {
  plus: "M10 4v12M4 10h12",
  close: "M5 5l10 10M15 5L5 15",
  check: "M4 10.5l4 4 8-9",
  share: "M10 12.5V3M6.5 6L10 2.5 13.5 6M5 9.5v6.2c0 .7.6 1.3 1.3 1.3h7.4c.7 0 1.3-.6 1.3-1.3V9.5",
  link: "M8.5 11.5a3 3 0 0 0 4.3 0l3-3a3 3 0 0 0-4.3-4.3l-1 1M11.5 8.5a3 3 0 0 0-4.3 0l-3 3a3 3 0 0 0 4.3 4.3l1-1",
  history: "M3.2 8.2A7 7 0 1 1 3 10.6M3 4.2v4h4M10 6.4V10l2.6 1.8",
  more: "M5 10a.5.5 0 1 1-1 0 .5.5 0 0 1 1 0zM10.5 10a.5.5 0 1 1-1 0 .5.5 0 0 1 1 0zM16 10a.5.5 0 1 1-1 0 .5.5 0 0 1 1 0z",
  heart: "M10 16.5S3.5 12.8 3.5 8.1A3.4 3.4 0 0 1 10 6.7a3.4 3.4 0 0 1 6.5 1.4c0 4.7-6.5 8.4-6.5 8.4z",
  clock: "M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM10 6.2V10l2.5 1.6",
  moon: "M16.2 11.8A6.8 6.8 0 0 1 8.2 3.8a6.8 6.8 0 1 0 8 8z",
  sun: "M10 13.2a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4zM10 2.2v1.6M10 16.2v1.6M2.2 10h1.6M16.2 10h1.6M4.5 4.5l1.1 1.1M14.4 14.4l1.1 1.1M4.5 15.5l1.1-1.1M14.4 5.6l1.1-1.1",
  system: "M3.5 4.5h13v8.6h-13zM7.2 16.5h5.6M10 13.2v3.2",
  keyboard: "M2.5 5.5h15v9h-15zM5.5 8.5h.01M8.5 8.5h.01M11.5 8.5h.01M14.5 8.5h.01M7 11.5h6",
  tag: "M3 3.8V9l7.6 7.6a1.4 1.4 0 0 0 2 0l4-4a1.4 1.4 0 0 0 0-2L9 3H3.8a.8.8 0 0 0-.8.8zM6.5 6.5h.01",
  undo: "M4 8h8.2a3.9 3.9 0 0 1 0 7.8H8M7 4.8L3.8 8 7 11.2",
  redo: "M16 8H7.8a3.9 3.9 0 0 0 0 7.8H12M13 4.8L16.2 8 13 11.2",
  restore: "M3.2 8.2A7 7 0 1 1 3 10.6M3 4.2v4h4",
  previous: "M12 5l-5 5 5 5",
  next: "M8 5l5 5-5 5",
  eye: "M2.2 10S5 4.8 10 4.8 17.8 10 17.8 10 15 15.2 10 15.2 2.2 10 2.2 10zM10 12.2a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4z",
  lock: "M5 9h10v7.5H5zM7 9V6.5a3 3 0 0 1 6 0V9",
  offline:
    "M3 3l14 14M5.5 14.8a3.2 3.2 0 0 1-.6-6.3 5 5 0 0 1 1.3-2.4M8.7 4.9a5 5 0 0 1 6.1 3.7 3.2 3.2 0 0 1 2 4.9",
  document: "M5.2 2.8h6.3l3.3 3.4v11H5.2zM11.3 3v3.4h3.3",
  pen: "M3.5 16.5l.8-3.4L13 4.4a1.5 1.5 0 0 1 2.1 0l.5.5a1.5 1.5 0 0 1 0 2.1l-8.7 8.7z",
  leave: "M8 17H4V3h4M12 13.5l3.5-3.5L12 6.5M15.3 10H8",
} as const;

/** What there is a picture for. */
export type IconName = keyof typeof PATHS;

/** A small picture beside words, or on a button that has a label of its own: readers need not know of it. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}

/** The mark of the house: three voices that cross. */
export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" width="28" height="28" aria-hidden="true" focusable="false">
      <path d="M4 23c6 0 6-14 12-14s6 14 12 14" stroke="var(--voice-1)" />
      <path d="M4 16c6 0 6 7 12 7s6-7 12-7" stroke="var(--voice-2)" />
      <path d="M4 9c6 0 6 7 12 7s6-7 12-7" stroke="var(--voice-3)" />
    </svg>
  );
}
