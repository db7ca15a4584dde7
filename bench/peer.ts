import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** What a server process says to the process that loads it. */
export type Told<Ready extends object> = { ready: Ready } | { megabytes: number };

export interface Peer<Ready extends object> {
  readonly ready: Ready;
  /** The most resident memory since it was last asked, in MB. */
  memory(): Promise<number>;
  stop(): Promise<void>;
}

/** Heap limits as `npm start` sets them. */
const FLAGS = ['--import', 'tsx', '--max-semi-space-size=4', '--max-old-space-size=768'];

/** Starts a server of the bench in a process of its own, so that its memory can be told from the load's. */
export async function startPeer<Ready extends object>(file: string): Promise<Peer<Ready>> {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), { execArgv: FLAGS });
  const hear = async () => ((await once(child, 'message')) as [Told<Ready>])[0];
  const told = await hear();
  if (!('ready' in told)) throw new Error('the server did not say where it is');
  return {
    ready: told.ready,
    async memory() {
      child.send('memory');
      const answer = await hear();
      return 'megabytes' in answer ? answer.megabytes : Number.NaN;
    },
    async stop() {
      const ended = once(child, 'exit');
      child.send('stop');
      await ended;
    },
  };
}

/** The server's side: says that it is ready, how much memory it took, and stops when it is told to or the load is gone. */
export function answerLoad<Ready extends object>(ready: Ready, stop: () => Promise<void>): void {
  const tell = (message: Told<Ready>) => process.send?.(message);
  let most = 0;
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss());
  }, 200);
  const end = async () => {
    clearInterval(watch);
    await stop();
    process.exit(0);
  };
  process.on('message', (asked) => {
    if (asked !== 'memory') return void end();
    tell({ megabytes: Math.round(most / 1024 ** 2) });
    most = 0;
  });
  process.once('disconnect', () => void end());
  tell({ ready });
}
