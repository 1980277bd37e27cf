/** The figures that say most, as pictures: bars in SVG that can be read on light and on dark. */
import type { Figures } from "./figures.js";
import type { RowId } from "./text/rows.js";
import { formatFigure, type Unit } from "./unit.js";

/** One picture: a bar for each of those who were measured. */
interface Chart {
  readonly title: string;
  readonly unit: Unit;
  readonly on: string;
  readonly row: string;
  /** Who is in it, where that is not everybody. */
  readonly names?: readonly string[];
}

/** Whose clients send each edit by itself: ShareDB's put 64 into one, which is another thing. */
const SEND_EACH = ["motet", "hocuspocus", "y-websocket-server"];

const SERVER_CHARTS: readonly Chart[] = [
  {
    title: "Edits a second, 50 documents (more is better)",
    ...{ unit: "1/s", on: "d50", row: "editsPerSecond", names: SEND_EACH },
  },
  {
    title: "Edits a second, one document (more is better)",
    ...{ unit: "1/s", on: "d1", row: "editsPerSecond", names: SEND_EACH },
  },
  { title: "Acknowledged edits lost by kill -9", unit: "edits", on: "g", row: "lost" },
  { title: "Join of a paper of 260,000 edits: text in the client", unit: "ms", on: "f", row: "textMs" },
  { title: "Memory of an idle connection", unit: "kB", on: "e", row: "kBEach" },
  { title: "Growth of memory with 20 stalled readers", unit: "MB", on: "s", row: "growthMB" },
];

const PAPER = "automerge-paper";
const TEXT_CHARTS: readonly (Chart & { readonly row: RowId })[] = [
  { title: "An edit with its encoded update", unit: "ns", on: PAPER, row: "update" },
  { title: "An update, one keystroke", unit: "bytes", on: PAPER, row: "updateBytes" },
  { title: "An update taken in", unit: "ns", on: PAPER, row: "apply" },
  { title: "From the file to the first edit", unit: "ms", on: PAPER, row: "loadEdit" },
  { title: "Memory of the loaded document", unit: "MB", on: PAPER, row: "memory" },
  { title: "What a browser downloads", unit: "kB", on: "", row: "bundle" },
];

const SERVERS = ["motet", "hocuspocus", "y-websocket-server", "sharedb"];
const LIBRARIES = ["motet", "json-joy", "yjs", "diamond-types", "loro", "automerge", "ywasm"];

/** The charts by name, as SVG; none of a half that was not measured. */
export function chartsOf(text?: Figures<RowId>, server?: Figures<string>): Map<string, string> {
  const charts = new Map<string, string>();
  if (server)
    charts.set(
      "server",
      picture(
        "The server beside its peers",
        SERVER_CHARTS.map((chart) => panel(chart, SERVERS, server)),
      ),
    );
  if (text)
    charts.set(
      "text",
      picture(
        "The text type beside its peers",
        TEXT_CHARTS.map((chart) => panel(chart, LIBRARIES, text)),
      ),
    );
  return charts;
}

interface Bar {
  readonly name: string;
  readonly value: number;
}

interface Panel {
  readonly title: string;
  readonly unit: Unit;
  readonly bars: readonly Bar[];
}

function panel(
  { title, unit, on, row, names }: Chart,
  all: readonly string[],
  figures: Figures<string>,
): Panel {
  const bars = (names ?? all).flatMap((name) => {
    const value = figures.of(name, on, row);
    return value === undefined || Number.isNaN(value) ? [] : [{ name, value }];
  });
  return { title, unit, bars };
}

const PANEL_WIDTH = 460;
const LABEL_WIDTH = 150;
const BAR_WIDTH = 200;
const BAR_HEIGHT = 18;
const LINE_HEIGHT = 26;
const HEAD_HEIGHT = 40;
const COLUMNS = 2;

/** Panels side by side, two in a line. */
function picture(title: string, panels: readonly Panel[]): string {
  const tallest = Math.max(1, ...panels.map(({ bars }) => bars.length));
  const panelHeight = HEAD_HEIGHT + tallest * LINE_HEIGHT + 14;
  const height = Math.ceil(panels.length / COLUMNS) * panelHeight;
  const drawn = panels.map((one, at) => {
    const [x, y] = [(at % COLUMNS) * PANEL_WIDTH, Math.floor(at / COLUMNS) * panelHeight];
    return `<g transform="translate(${x} ${y})">${drawing(one)}</g>`;
  });
  const width = COLUMNS * PANEL_WIDTH;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>${title}</title>
<style>
  text { font: 13px system-ui, sans-serif; fill: #1f2328; }
  .title { font-weight: 600; }
  .bar { fill: #8c959f; }
  .ours { fill: #0969da; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .bar { fill: #6e7681; }
    .ours { fill: #58a6ff; }
  }
</style>
${drawn.join("\n")}
</svg>
`;
}

function drawing({ title, unit, bars }: Panel): string {
  const most = Math.max(...bars.map(({ value }) => value), Number.MIN_VALUE);
  const lines = bars.map(({ name, value }, at) => {
    const y = HEAD_HEIGHT + at * LINE_HEIGHT;
    const length = Math.max(1, (Math.max(0, value) / most) * BAR_WIDTH);
    const kind = name === "motet" ? "bar ours" : "bar";
    const figure = `${formatFigure(value, unit)} ${unit === "1/s" ? "" : unit}`.trim();
    return [
      `<text x="${LABEL_WIDTH - 8}" y="${y + 14}" text-anchor="end">${name}</text>`,
      `<rect class="${kind}" x="${LABEL_WIDTH}" y="${y}" width="${length.toFixed(1)}" height="${BAR_HEIGHT}" rx="2"/>`,
      `<text x="${(LABEL_WIDTH + length + 6).toFixed(1)}" y="${y + 14}">${figure}</text>`,
    ].join("");
  });
  return `<text class="title" x="16" y="24">${title}</text>${lines.join("")}`;
}
