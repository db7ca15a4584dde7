import { MultiBar } from 'cli-progress';

export interface Bar {
  /** Fraction done, 0..1; `note` says what is happening. */
  update(fraction: number, note?: string): void;
  done(note: string): void;
}

/** Progress bars on a terminal; elsewhere a line when something starts, at each quarter, and when it ends. */
export interface Bars {
  start(what: string): Bar;
  stop(): void;
}

const WIDTH = 22;

export function createBars(out: NodeJS.WriteStream = process.stderr): Bars {
  return out.isTTY ? terminalBars(out) : plainBars(out);
}

function terminalBars(out: NodeJS.WriteStream): Bars {
  const multi = new MultiBar({
    stream: out,
    format: `{what} {bar} {percentage}% {duration_formatted} {note}`,
    barsize: 28,
    hideCursor: true,
    clearOnComplete: false,
    gracefulExit: false,
    fps: 8,
  });
  return {
    start(what) {
      const bar = multi.create(1_000, 0, { what: what.padEnd(WIDTH), note: '' });
      return {
        update: (fraction, note) => bar.update(Math.round(clamp(fraction) * 1_000), note === undefined ? {} : { note }),
        done(note) {
          bar.update(1_000, { note });
          bar.stop();
        },
      };
    },
    stop: () => multi.stop(),
  };
}

function plainBars(out: NodeJS.WriteStream): Bars {
  return {
    start(what) {
      const began = performance.now();
      let quarter = 0;
      const line = (text: string) =>
        out.write(`${what.padEnd(WIDTH)} ${text} (${((performance.now() - began) / 1_000).toFixed(1)} s)\n`);
      return {
        update(fraction, note = '') {
          const reached = Math.floor(clamp(fraction) * 4);
          if (reached <= quarter || reached >= 4) return;
          quarter = reached;
          line(`${reached * 25} % ${note}`);
        },
        done: (note) => void line(`done: ${note}`),
      };
    },
    stop: () => undefined,
  };
}

const clamp = (fraction: number) => Math.max(0, Math.min(1, fraction));
