import { statfs } from 'node:fs/promises';
import { cpus, freemem, homedir, tmpdir, totalmem } from 'node:os';

/** ClearML's machine statistics. Percent for the CPU, megabytes for memory and disks. */
export interface MachineStats {
  readonly cpu_usage: number[];
  readonly memory_free: number;
  readonly memory_used: number;
  readonly disk_free_home?: number;
  readonly disk_free_temp?: number;
}

const MEGABYTE = 1024 ** 2;

/** Each call tells how busy the CPUs were since the one before. */
export function createMachineStats(): () => Promise<MachineStats> {
  let before = cpuTimes();
  return async () => {
    const now = cpuTimes();
    const total = now.total - before.total;
    const usage = total > 0 ? (100 * (now.busy - before.busy)) / total : 0;
    before = now;
    const [home, temp] = await Promise.all([freeOf(homedir()), freeOf(tmpdir())]);
    return {
      cpu_usage: [Math.round(usage * 10) / 10],
      memory_free: Math.round(freemem() / MEGABYTE),
      memory_used: Math.round((totalmem() - freemem()) / MEGABYTE),
      ...(home === undefined ? {} : { disk_free_home: home }),
      ...(temp === undefined ? {} : { disk_free_temp: temp }),
    };
  };
}

function cpuTimes(): { busy: number; total: number } {
  let busy = 0;
  let total = 0;
  for (const { times } of cpus()) {
    const all = times.user + times.nice + times.sys + times.idle + times.irq;
    total += all;
    busy += all - times.idle;
  }
  return { busy, total };
}

async function freeOf(folder: string): Promise<number | undefined> {
  const found = await statfs(folder).catch(() => undefined);
  return found && Math.round((found.bavail * found.bsize) / MEGABYTE);
}
