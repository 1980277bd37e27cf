export type Unit = "ns" | "us" | "ms" | "bytes" | "MB" | "kB" | "1/s" | "edits";

/** A figure as tables show it: three digits that count, thousands separated; "-" for a row that was not measured. */
export function formatFigure(value: number | undefined, unit: Unit): string {
  if (value === undefined || Number.isNaN(value)) return "-";
  const digits = unit === "edits" || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
