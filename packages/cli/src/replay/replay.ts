import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { RanloopError } from '@ranloop/contracts/errors';
import type { VesClient, VesEvent } from '@ranloop/sdk/ves';
import { parse } from 'csv-parse';
import type { CaptureMap } from './map.ts';
import { checkColumns, type Measurement, measure, type Row, toEvent } from './rows.ts';

export interface ReplayOptions {
  readonly file: string;
  readonly map: CaptureMap;
  readonly ves: VesClient;
  /** Recorded seconds per second; absent: as fast as the collector accepts. */
  readonly speed?: number | undefined;
  readonly onProgress?: (fraction: number) => void;
  readonly signal?: AbortSignal;
}

export interface ReplayResult {
  readonly rows: number;
  readonly events: number;
  readonly first: number;
  readonly last: number;
  readonly source: string;
  /** Rows that could not be read: line number and reason; the first twenty. */
  readonly refused: readonly { line: number; reason: string }[];
  readonly refusedRows: number;
}

const BATCH_EVENTS = 200;
const MOST_REASONS = 20;

/** Sends a recorded capture to a VES collector in the order of its rows, keeping its times. */
export async function replay(options: ReplayOptions): Promise<ReplayResult> {
  const { file, map, ves, speed } = options;
  const digest = await fileDigest(file);
  const pace = createPace(speed);
  const tally = { rows: 0, events: 0, first: Number.POSITIVE_INFINITY, last: 0, source: '', refusedRows: 0 };
  const refused: { line: number; reason: string }[] = [];
  let batch: VesEvent[] = [];
  const flush = async () => {
    if (batch.length === 0) return;
    await ves.publish(batch);
    tally.events += batch.length;
    batch = [];
  };
  const emit = async (group: Measurement[]) => {
    const [head] = group;
    if (!head) return;
    await pace(head.time);
    batch.push(toEvent(group, map, digest));
    if (speed !== undefined || batch.length >= BATCH_EVENTS) await flush();
  };

  let group: Measurement[] = [];
  for await (const { row, line, fraction } of readRows(file, map)) {
    options.signal?.throwIfAborted();
    let measured: Measurement;
    try {
      measured = measure(map, row);
    } catch (error) {
      tally.refusedRows += 1;
      if (refused.length < MOST_REASONS) refused.push({ line, reason: (error as Error).message });
      continue;
    }
    tally.rows += 1;
    tally.first = Math.min(tally.first, measured.time);
    tally.last = Math.max(tally.last, measured.time);
    tally.source = measured.source;
    const [head] = group;
    if (head && (head.time !== measured.time || head.source !== measured.source)) {
      await emit(group);
      group = [];
    }
    group.push(measured);
    options.onProgress?.(fraction);
  }
  await emit(group);
  await flush();
  if (tally.rows === 0) throw new RanloopError('RL_INVALID', `${file} has no row that can be sent`);
  return { ...tally, refused };
}

/** Reads rows as they stream in; the header is checked before the first one is given out. */
async function* readRows(file: string, map: CaptureMap): AsyncGenerator<{ row: Row; line: number; fraction: number }> {
  const { size } = await stat(file).catch((cause: unknown) => {
    throw new RanloopError('RL_CONFIG', `${file} cannot be read`, { cause });
  });
  const parser = parse({
    columns: (header: string[]) => {
      const columns = header.map((name) => name.trim());
      checkColumns(map, columns);
      return columns;
    },
    bom: true,
    relaxColumnCount: true,
    skipEmptyLines: true,
    info: true,
  });
  const input = createReadStream(file);
  input.once('error', (error) => parser.destroy(error));
  for await (const { record, info } of input.pipe(parser) as AsyncIterable<{
    record: Row;
    info: { lines: number; bytes: number };
  }>)
    yield { row: record, line: info.lines, fraction: size === 0 ? 1 : info.bytes / size };
}

/** Resolves when a recorded time is due. */
function createPace(speed: number | undefined): (time: number) => Promise<void> {
  let origin: { recorded: number; real: number } | undefined;
  return async (time) => {
    if (speed === undefined) return;
    origin ??= { recorded: time, real: performance.now() };
    const due = origin.real + (time - origin.recorded) / 1_000 / speed;
    const wait = due - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
  };
}

async function fileDigest(file: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  } catch (cause) {
    throw new RanloopError('RL_CONFIG', `${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
  return hash.digest('hex');
}
