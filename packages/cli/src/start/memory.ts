import { readdir, readFile } from 'node:fs/promises';

/** Samples the memory of this process and everything it started; shared pages are counted once (PSS). */
export interface MemoryMeter {
  peakMb(): number;
  stop(): void;
}

const EVERY_MS = 1_000;
const KIB_PER_MIB = 1_024;

export function startMemoryMeter(): MemoryMeter {
  let peak = process.memoryUsage.rss() / KIB_PER_MIB ** 2;
  let busy = false;
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    void treeMb().then((now) => {
      peak = Math.max(peak, now);
      busy = false;
    });
  }, EVERY_MS);
  timer.unref();
  return { peakMb: () => Math.round(peak), stop: () => clearInterval(timer) };
}

/** Without /proc (macOS, Windows) only this process is known. */
async function treeMb(): Promise<number> {
  const parents = await parentTable().catch(() => undefined);
  if (!parents) return process.memoryUsage.rss() / KIB_PER_MIB ** 2;
  const tree = [process.pid];
  for (let index = 0; index < tree.length; index += 1)
    for (const [pid, parent] of parents) if (parent === tree[index]) tree.push(pid);
  const sizes = await Promise.all(tree.map(processKib));
  return sizes.reduce((sum, kib) => sum + kib, 0) / KIB_PER_MIB;
}

async function parentTable(): Promise<Map<number, number>> {
  const pids = (await readdir('/proc')).map(Number).filter(Number.isInteger);
  const rows = await Promise.all(
    pids.map(async (pid): Promise<[number, number]> => {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
      // The name, in parentheses, may hold anything; the parent is the second field after it.
      return [pid, Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])];
    }),
  );
  return new Map(rows);
}

async function processKib(pid: number): Promise<number> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => undefined);
  const pss = /^Pss:\s+(\d+) kB/m.exec(rollup ?? '');
  if (pss) return Number(pss[1]);
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0);
}
