import type { ComponentProps } from "preact";
import { Icon, type IconName } from "./icon.js";

/** A button that shows a picture only; its label is read out, and shown while the pointer rests on it. */
export function IconButton({
  icon,
  label,
  ...rest
}: ComponentProps<"button"> & { icon: IconName; label: string }) {
  return (
    <button type="button" class="icon-button" aria-label={label} title={label} {...rest}>
      <Icon name={icon} />
    </button>
  );
}
