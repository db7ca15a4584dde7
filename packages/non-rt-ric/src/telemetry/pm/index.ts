import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { RanloopError } from '@ranloop/contracts/errors';
import type { PmUpload, RefusedEvent } from '@ranloop/contracts/r1';
import type { Log } from '@ranloop/kit/log';
import type { Database } from '@ranloop/kit/postgres';
import { createIdentities, type TimeRules } from '../canonical/index.ts';
import { redacted } from '../redact.ts';
import type { TelemetryStore } from '../store/index.ts';
import type { Writer } from '../writer.ts';
import type { PmFilesConfig } from './config.ts';
import { createHostKeys } from './fetch/host-keys.ts';
import { createFetcher } from './fetch/index.ts';
import { createSaving } from './fetch/save.ts';
import { createIngest } from './ingest.ts';
import { checkFileName } from './location.ts';
import { createPmQueue, type PmQueue } from './queue.ts';
import { createPmWorker } from './worker.ts';

export { announcedFiles } from './announce.ts';

export interface PmFilesDeps {
  readonly database: Database;
  readonly store: TelemetryStore;
  /** Asked for at the first file: the writer itself puts files into this queue. */
  readonly writer: () => Writer;
  readonly times: TimeRules;
  readonly groupSamples: number;
  /** For files while they are read. */
  readonly folder: string;
  readonly onRefused: (refused: RefusedEvent) => void;
  readonly log: Log;
}

export interface PmFiles {
  readonly queue: PmQueue;
  /** True when no more announcements can be taken. */
  full(): boolean;
  /** Stores a file that is handed over; resolves once it is durable. */
  upload(body: Readable, given: { source: string | undefined; name: string }): Promise<PmUpload>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Of a PM file: series remembered while it is read. */
const MOST_SERIES = 5_000;
const MOST_UPLOADS = 4;
/** Samples of one group: the memory that a long file takes while it is stored grows with it. */
const GROUP_SAMPLES = 5_000;

/** PM files: announced ones are fetched and stored, others are taken as they are handed over. */
export function createPmFiles(config: PmFilesConfig, deps: PmFilesDeps): PmFiles {
  const { database, folder, log } = deps;
  const stopping = new AbortController();
  let waiting = 0;
  let uploads = 0;

  const queue = createPmQueue(database, (count) => {
    waiting += count;
    worker.wake();
  });
  const ingest = createIngest({
    ...deps,
    groupSamples: Math.min(deps.groupSamples, GROUP_SAMPLES),
    identities: createIdentities(MOST_SERIES),
    mostUnpackedBytes: config.mostUnpackedBytes,
  });
  const worker = createPmWorker(config, {
    queue,
    fetcher: createFetcher(config, createHostKeys(database, config.unknownHostKeys)),
    ingest,
    folder,
    onFinished: () => {
      waiting = Math.max(waiting - 1, 0);
    },
    onRefused: ({ source, eventId, name, location }, reason) =>
      deps.onRefused({
        time: deps.times.now(),
        source,
        domain: 'pm-file',
        eventId,
        reason,
        body: JSON.stringify({ name, location: redacted(location) }),
      }),
    log,
  });

  return {
    queue,
    full: () => waiting >= config.mostWaiting,
    async upload(body, { source, name }) {
      checkFileName(name);
      if (uploads >= MOST_UPLOADS) throw new RanloopError('RL_BUSY', `${MOST_UPLOADS} uploads are under way`);
      uploads += 1;
      const file = path.join(folder, `upload-${randomUUID()}`);
      try {
        const saving = createSaving(file, config.mostBytes);
        await pipeline(body, saving.through, saving.file, { signal: stopping.signal });
        const saved = { file, digest: saving.digest(), bytes: saving.bytes() };
        const { header, ...stored } = await ingest({ saved, source, name, signal: stopping.signal });
        return { ...stored, form: header.form, vendor: header.vendor, bytes: saved.bytes };
      } finally {
        uploads -= 1;
        await rm(file, { force: true });
      }
    },
    async start() {
      // What a stopped process left half fetched is fetched again.
      await rm(folder, { recursive: true, force: true });
      await mkdir(folder, { recursive: true, mode: 0o700 });
      waiting = await queue.waiting();
      worker.start();
    },
    async stop() {
      stopping.abort();
      await worker.stop();
    },
  };
}
