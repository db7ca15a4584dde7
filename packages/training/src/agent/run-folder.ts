import { mkdir, readdir, readFile, readlink, realpath, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { signalGroup } from './child.ts';

/** A folder for each running task, so that an agent that was killed finds what it left behind. */
export interface RunFolders {
  open(task: string): Promise<string>;
  /** Notes the process group of a task. */
  note(task: string, pid: number): Promise<void>;
  close(task: string): Promise<void>;
  /** Tasks whose folders an earlier agent left; their processes are killed when they still run. */
  leftovers(): Promise<string[]>;
}

const PID_FILE = '.pid';
const TASK_ID = /^[A-Za-z0-9_-]{1,64}$/;

export function createRunFolders(workFolder: string, worker: string): RunFolders {
  const root = path.resolve(workFolder, worker);
  const folderOf = (task: string) => path.join(root, task);
  return {
    async open(task) {
      if (!TASK_ID.test(task)) throw new Error(`"${task.slice(0, 80)}" is not an id that can name a folder`);
      await mkdir(folderOf(task), { recursive: true });
      return folderOf(task);
    },
    note: (task, pid) => writeFile(path.join(folderOf(task), PID_FILE), String(pid)),
    close: (task) => rm(folderOf(task), { recursive: true, force: true }),
    async leftovers() {
      const names = await readdir(root).catch(() => []);
      const tasks = names.filter((name) => TASK_ID.test(name));
      for (const task of tasks) await killLeftover(folderOf(task));
      return tasks;
    },
  };
}

/** Process ids are used again: only a process that works in the task's own folder is the one that was left. */
async function killLeftover(folder: string): Promise<void> {
  const pid = Number(await readFile(path.join(folder, PID_FILE), 'utf8').catch(() => ''));
  if (!Number.isInteger(pid) || pid <= 1) return;
  const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => undefined);
  if (cwd !== undefined && cwd === (await realpath(folder).catch(() => undefined))) signalGroup(pid, 'SIGKILL');
}
