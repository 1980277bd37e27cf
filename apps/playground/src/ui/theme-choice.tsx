import { type Theme, useKept } from "../kept/kept.js";
import { useStored } from "../kept/stored.js";
import { Choice } from "./choice.js";

const OPTIONS = [
  { value: "system", label: "System", icon: "system" },
  { value: "light", label: "Light", icon: "sun" },
  { value: "dark", label: "Dark", icon: "moon" },
] as const;

/** How the page looks. */
export function ThemeChoice() {
  const { theme } = useKept();
  const value = useStored<Theme>(theme);
  return (
    <Choice<Theme> label="Appearance" value={value} options={OPTIONS} onChoose={(it) => theme.set(it)} />
  );
}
