import type { ComponentChildren } from "preact";

export interface PopoverProps {
  readonly id: string;
  readonly label: string;
  readonly children: ComponentChildren;
}

/**
 * Opens below the page's head with the button that names it in `popovertarget`; the browser closes it on Escape and on a click
 * elsewhere.
 */
export function Popover({ id, label, children }: PopoverProps) {
  return (
    <section class="popover" id={id} popover="auto" aria-label={label}>
      {children}
    </section>
  );
}

/** Closes a popover that may be open. */
export function closePopover(id: string): void {
  document.getElementById(id)?.hidePopover();
}
