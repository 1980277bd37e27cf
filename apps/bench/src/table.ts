/**
 * A Markdown table. The first column is set left, the others right; a bar inside a cell is escaped.
 * Each row has as many cells as `header`.
 */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  const rule = header.map((_, column) => (column === 0 ? ":--" : "--:"));
  return [line(header), line(rule), ...rows.map(line)].join("\n");
}
