import { mkdir, readdir, readFile, readlink, realpath, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { RanloopError } from '@ranloop/contracts/errors';
import { signalGroup } from './child.ts';

/** What an agent notes about a task that it took: its queue, and its process group once there is one. */
export interface RunNote {
  readonly queue: string;
  readonly pid?: number;
}

/** A folder for each task that was taken, so that an agent that was killed finds what it left behind. */
export interface RunFolders {
  /** Makes the folder with its note; answers its path. */
  open(task: string, note: RunNote): Promise<string>;
  close(task: string): Promise<void>;
  /** Tasks whose folders an earlier agent left; their processes are killed when they still run. */
  leftovers(): Promise<{ task: string; queue: string }[]>;
}

const NOTE_FILE = '.run.json';
const TASK_ID = /^[A-Za-z0-9_-]{1,64}$/;

export function createRunFolders(workFolder: string, worker: string): RunFolders {
  const root = path.resolve(workFolder, worker);
  const folderOf = (task: string) => path.join(root, task);
  return {
    async open(task, note) {
      if (!TASK_ID.test(task))
        throw new RanloopError('RL_INVALID', `"${task.slice(0, 80)}" is not an id that can name a folder`);
      await mkdir(folderOf(task), { recursive: true });
      await writeFile(path.join(folderOf(task), NOTE_FILE), JSON.stringify(note));
      return folderOf(task);
    },
    close: (task) => rm(folderOf(task), { recursive: true, force: true }),
    async leftovers() {
      const names = await readdir(root).catch(() => []);
      const left: { task: string; queue: string }[] = [];
      for (const task of names.filter((name) => TASK_ID.test(name))) {
        const { queue = '', pid } = await readNote(folderOf(task));
        if (pid !== undefined) await killLeftover(folderOf(task), pid);
        left.push({ task, queue });
      }
      return left;
    },
  };
}

/** The agent may have been killed while it wrote. */
async function readNote(folder: string): Promise<Partial<RunNote>> {
  try {
    const note: unknown = JSON.parse(await readFile(path.join(folder, NOTE_FILE), 'utf8'));
    return typeof note === 'object' && note !== null ? note : {};
  } catch {
    return {};
  }
}

/** Process ids are used again: only a process that works in the task's own folder is the one that was left. */
async function killLeftover(folder: string, pid: number): Promise<void> {
  if (!Number.isInteger(pid) || pid <= 1) return;
  const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => undefined);
  if (cwd !== undefined && cwd === (await realpath(folder).catch(() => undefined))) signalGroup(pid, 'SIGKILL');
}
