import type { ComponentChildren } from "preact";
import { Icon, type IconName } from "./icon.js";

export interface MessageProps {
  readonly icon: IconName;
  readonly title: string;
  readonly children: ComponentChildren;
}

/** A page that holds one thing to be told, and what can be done about it. */
export function Message({ icon, title, children }: MessageProps) {
  return (
    <main class="message">
      <Icon name={icon} />
      <h1>{title}</h1>
      {children}
    </main>
  );
}
