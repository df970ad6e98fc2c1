import { Listr, PRESET_TIMER } from "listr2";

/** One step of long work: what it is, and what it does. */
export interface Step {
  readonly title: string;
  /** Skipped, with this text, when it returns one. */
  readonly skip?: () => Promise<string | undefined>;
  run(say: (detail: string) => void): Promise<void>;
}

/** How often a step's detail is shown at most where lines cannot be redrawn (a log, CI). */
const DETAIL_INTERVAL_MS = 15_000;

/** Carries out the steps in order with their times; on a terminal redrawn in place, elsewhere as plain lines. */
export async function runSteps(steps: readonly Step[], monotonicMs: () => number): Promise<void> {
  const isTerminal = process.stderr.isTTY === true;
  const list = new Listr(
    steps.map((step) => ({
      title: step.title,
      task: async (
        _context: unknown,
        task: { output: string | undefined; title: string; skip(text?: string): void },
      ) => {
        const why = await step.skip?.();
        // On a terminal the reason takes the title's place, elsewhere it stands behind it.
        if (why !== undefined) return task.skip(isTerminal ? `${step.title}: ${why}` : why);
        let shownAtMs = Number.NEGATIVE_INFINITY;
        await step.run((detail) => {
          const nowMs = monotonicMs();
          if (!isTerminal && nowMs - shownAtMs < DETAIL_INTERVAL_MS) return;
          shownAtMs = nowMs;
          task.output = detail;
        });
      },
    })),
    {
      renderer: isTerminal ? "default" : "simple",
      // Ctrl-C aborts the world's signal, and the step then ends by itself; listr2 would end the process under it.
      registerSignalListeners: false,
      rendererOptions: isTerminal ? { timer: PRESET_TIMER, collapseErrors: false } : { timer: PRESET_TIMER },
    } as ConstructorParameters<typeof Listr>[1], // The two renderers' option types have no common supertype in listr2
  );
  await list.run();
}
