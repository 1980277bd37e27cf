import type { Browser, Page } from "playwright-core";

declare global {
  interface Window {
    /** When keys went down, and when letters were on the screen, in milliseconds since 1970. */
    stamps: { readonly keys: number[]; readonly shown: number[]; wait: (() => void) | undefined };
  }
}

/** Notes in a page when each key goes down, and when each `x` at the start of the text has been painted. */
export async function takeStamps(page: Page): Promise<void> {
  await page.evaluate(() => {
    const stamps: Window["stamps"] = { keys: [], shown: [], wait: undefined };
    window.stamps = stamps;
    const painted = new MessageChannel();
    painted.port1.onmessage = () => {
      stamps.shown.push(performance.timeOrigin + performance.now());
      stamps.wait?.();
    };
    addEventListener(
      "keydown",
      ({ timeStamp }) => stamps.keys.push(performance.timeOrigin + timeStamp),
      true,
    );
    const content = document.querySelector(".cm-content")!;
    let count = 0;
    new MutationObserver(() => {
      const seen = /^x*/.exec(content.firstElementChild?.textContent ?? "")![0].length;
      if (seen === count) return; // A cursor has moved, or something else than the text.
      count = seen;
      // A message that is sent in a frame arrives when the frame has been painted.
      requestAnimationFrame(() => painted.port2.postMessage(undefined));
    }).observe(content, { subtree: true, characterData: true, childList: true });
  });
}

/** Resolves once so many letters have been painted. */
export async function shows(page: Page, count: number): Promise<void> {
  await page.evaluate(async (wanted) => {
    const { stamps } = window;
    while (stamps.shown.length < wanted) {
      await new Promise<void>((resolve) => {
        stamps.wait = resolve;
      });
    }
  }, count);
}

/** What one page's main thread did, in milliseconds of the processor's time: what else the machine does is not in it. */
export interface MainThread {
  /** How long each of its tasks took: while one runs, nothing is painted. */
  readonly tasksMs: readonly number[];
  /** How long the page's own scripts ran at a stretch. */
  readonly scriptsMs: readonly number[];
}

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  /** Time of the processor that the thread itself had, in microseconds. */
  readonly tdur?: number;
  readonly args: {
    readonly name?: string;
    readonly data?: {
      readonly url?: string;
      readonly frames?: readonly { processId: number; url: string }[];
    };
  };
}

/** Traces `page` while `work` is done. */
export async function traced(browser: Browser, page: Page, work: () => Promise<void>): Promise<MainThread> {
  const categories = ["devtools.timeline", "disabled-by-default-devtools.timeline", "toplevel"];
  await browser.startTracing(page, { categories });
  await work();
  const trace = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: TraceEvent[] };
  return mainThreadOf(trace.traceEvents, page.url());
}

function mainThreadOf(events: readonly TraceEvent[], url: string): MainThread {
  const started = events.find(({ name }) => name === "TracingStartedInBrowser");
  const process = started?.args.data?.frames?.find((frame) => frame.url === url)?.processId;
  const thread = events.find(
    ({ name, pid, args }) => name === "thread_name" && pid === process && args.name === "CrRendererMain",
  );
  const ours = events.filter(({ ph, pid, tid }) => ph === "X" && pid === process && tid === thread?.tid);
  const ms = ({ tdur = 0 }: TraceEvent) => tdur / 1_000;
  return {
    tasksMs: ours.filter(({ name }) => name === "RunTask").map(ms),
    scriptsMs: ours
      .filter(({ name, args }) => name === "FunctionCall" && args.data?.url?.includes("/assets/"))
      .map(ms),
  };
}
