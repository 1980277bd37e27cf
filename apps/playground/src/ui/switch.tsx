import type { ComponentChildren } from "preact";

export interface SwitchProps {
  readonly isOn: boolean;
  readonly onToggle: (isOn: boolean) => void;
  readonly children: ComponentChildren;
}

/** On or off, at once. */
export function Switch({ isOn, onToggle, children }: SwitchProps) {
  return (
    <button
      type="button"
      class="row switch"
      role="switch"
      aria-checked={isOn}
      onClick={() => onToggle(!isOn)}
    >
      <span class="row-words">{children}</span>
      <span class="switch-track" />
    </button>
  );
}
