import { readFileSync } from 'node:fs';
import path from 'node:path';
import { asRanloopError, RanloopError } from '@ranloop/contracts/errors';
import { createLog, type Log } from '@ranloop/kit/log';
import { runDemo } from '../loop/demo.ts';
import { createLoopMonitor } from '../loop/state.ts';
import { roundTable, traceTable } from '../loop/table.ts';
import { createBars } from '../progress.ts';
import { type DataFolder, openDataFolder, writeWhole } from './data-folder.ts';
import { startMemoryMeter } from './memory.ts';
import type { StartOptions } from './options.ts';
import { createPlatform, type Platform } from './platform.ts';
import { choosePorts, urlsOf } from './ports.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};
const DEFAULT_SPEED = 600;

/** Starts, runs until it is told to end (or, with --once, until the round is over), stops; resolves with the exit code. */
export async function runStart(options: StartOptions): Promise<number> {
  const began = performance.now();
  const ending = catchSignals();
  const data = await openDataFolder(options.dataDir);
  const log = createLog({ level: options.logLevel, file: path.join(data.folder, 'logs', 'ranloop.log') });
  const memory = startMemoryMeter();
  let platform: Platform | undefined;
  try {
    const ports = await choosePorts(options.portBase);
    const urls = urlsOf(options.host, ports);
    const monitor = createLoopMonitor({ seed: options.seed, speed: options.speed ?? DEFAULT_SPEED });
    platform = await createPlatform({ options, data, ports, urls, log, monitor });
    await platform.start();
    await data.announce({ pid: process.pid, version, urls });
    greet(data, urls, performance.now() - began);
    if (!options.demo) {
      monitor.update({ phase: 'platform only' });
      await ending.asked;
      return 0;
    }
    return await runRounds({ options, platform, monitor, data, memory, began, ending, log });
  } catch (thrown) {
    if (ending.signal.aborted) return options.once ? 130 : 0;
    log.error({ err: thrown }, 'ended by a failure');
    throw thrown;
  } finally {
    memory.stop();
    await platform?.stop();
    await data.release();
    ending.release();
    log.flush();
  }
}

interface RoundParts {
  readonly options: StartOptions;
  readonly platform: Platform;
  readonly monitor: ReturnType<typeof createLoopMonitor>;
  readonly data: DataFolder;
  readonly memory: ReturnType<typeof startMemoryMeter>;
  readonly began: number;
  readonly ending: Ending;
  readonly log: Log;
}

async function runRounds(parts: RoundParts): Promise<number> {
  const { options, data, platform, monitor, memory, began, ending, log } = parts;
  const { signal } = ending;
  const bars = createBars();
  const rounds = runDemo({
    options,
    platform,
    monitor,
    dataFolder: data.folder,
    credentials: { accessKey: data.credentials.accessKey, secretKey: data.credentials.secretKey },
    bars,
    log,
    signal,
    speed: options.speed ?? (options.once ? undefined : DEFAULT_SPEED),
    cost: () => ({ wallSeconds: Math.round((performance.now() - began) / 100) / 10, peakRssMb: memory.peakMb() }),
  });
  try {
    for await (const figures of rounds) {
      bars.stop();
      if (figures.trace) console.log(`\n${traceTable(figures.trace)}`);
      console.log(`\n${roundTable(figures)}\n${figures.ok ? 'OK' : 'FAILED'}: ${figures.reason}\n`);
      if (options.json) await writeWhole(path.resolve(options.json), figures, 0o644);
      if (options.once) return figures.ok ? 0 : 1;
    }
  } catch (thrown) {
    if (signal.aborted) throw thrown;
    const { message: reason } = asRanloopError(thrown);
    if (options.once) {
      if (options.json) await writeWhole(path.resolve(options.json), { ok: false, reason, seed: options.seed }, 0o644);
      throw new RanloopError('RL_UNPROCESSABLE', `the round did not end: ${reason}`, { cause: thrown });
    }
    // People may be at work on the platform; the loop's failure must not take it away from them.
    log.error({ err: thrown }, 'the loop ended');
    bars.stop();
    console.error(`The loop ended: ${reason}\nEverything else goes on; Ctrl-C ends it.`);
    await ending.asked;
    return 1;
  } finally {
    bars.stop();
  }
  return 0;
}

interface Ending {
  readonly signal: AbortSignal;
  /** Resolves when the end is asked for. */
  readonly asked: Promise<void>;
  release(): void;
}

/** The first signal asks for an orderly end; a second one ends at once. */
function catchSignals(): Ending {
  const controller = new AbortController();
  let ask: () => void = () => undefined;
  const asked = new Promise<void>((resolve) => {
    ask = resolve;
  });
  const handler = () => {
    if (controller.signal.aborted) process.exit(130);
    process.stderr.write('\nStopping ...\n');
    controller.abort();
    ask();
  };
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) process.on(signal, handler);
  return {
    signal: controller.signal,
    asked,
    release: () => {
      for (const signal of signals) process.off(signal, handler);
    },
  };
}

function greet(data: DataFolder, urls: Readonly<Record<string, string>>, milliseconds: number): void {
  const rows: [string, string][] = [
    ['Dashboard', urls['dashboard'] ?? ''],
    ['Tracking API', `${urls['api']}   files ${urls['files']}`],
    ['VES collector', `${urls['ves']}   TLS ${urls['vesTls']}`],
    ['R1', urls['r1'] ?? ''],
    ['Inference', urls['inference'] ?? ''],
    ['A1-P', `${urls['a1']}   RIC management ${urls['nearRtRic']}`],
    ['E2, E1', `${urls['e2']}   ${urls['e1']}`],
  ];
  console.log(`Ranloop ${version}, ready in ${(milliseconds / 1_000).toFixed(1)} s\n`);
  for (const [what, where] of rows) console.log(`  ${what.padEnd(14)} ${where}`);
  const file = path.join(data.folder, 'credentials.json');
  const { username, password, accessKey, secretKey } = data.credentials;
  if (data.fresh)
    console.log(
      `\n  user ${username}, password ${password}\n  access key ${accessKey}, secret key ${secretKey}\n  kept in ${file} (mode 600)\n`,
    );
  else console.log(`\n  credentials: ${file}\n`);
}
