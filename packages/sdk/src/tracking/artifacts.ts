import { RanloopError } from '@ranloop/contracts/errors';
import type { Artifact, Task as TaskData } from '@ranloop/contracts/tracking';
import { type Session, safePath, safeSegment } from '../session/index.ts';

/** An object is stored as JSON, text as CSV (or what `contentType` says), bytes as they are. */
export type ArtifactData = object | string | Uint8Array;

export interface ArtifactOptions {
  readonly contentType?: string;
  /** ClearML's name of the kind; derived from the data when absent. */
  readonly type?: string;
  readonly fileName?: string;
  readonly preview?: string;
  /** Pairs shown beside the artifact. */
  readonly display?: Readonly<Record<string, string | number>>;
}

/** Where the files of a task lie on the file server. */
export interface TaskPlace {
  readonly id: string;
  readonly name: string;
  readonly projectName: string;
}

const MOST_PREVIEW = 65_536;

export function taskFolder({ projectName, name, id }: TaskPlace): string {
  const project = safePath(projectName);
  return `${project === '' ? '' : `${project}/`}${safeSegment(name)}.${id}`;
}

/** Uploads first and registers then, so that a registered artifact always has its bytes. */
export async function storeArtifact(
  session: Session,
  place: TaskPlace,
  item: { name: string; data: ArtifactData; options?: ArtifactOptions },
): Promise<Artifact> {
  const { name, data, options = {} } = item;
  const form = formOf(data, options);
  const file = options.fileName ?? `${safeSegment(name)}${form.extension}`;
  const uri = await session.upload(
    `${taskFolder(place)}/artifacts/${safeSegment(name)}/${safeSegment(file)}`,
    form.bytes,
    form.contentType,
  );
  const hash = await sha256(form.bytes);
  const artifact: Artifact = {
    key: name,
    type: options.type ?? form.type,
    mode: 'output',
    uri,
    hash,
    content_size: form.bytes.length,
    timestamp: Math.floor(Date.now() / 1000),
    type_data: {
      preview: (options.preview ?? form.preview).slice(0, MOST_PREVIEW),
      content_type: form.contentType,
      data_hash: hash,
    },
    ...(options.display
      ? {
          display_data: Object.entries(options.display).map(([key, value]) => [key, String(value)] as [string, string]),
        }
      : {}),
  };
  await session.call('tasks.add_or_update_artifacts', { task: place.id, artifacts: [artifact], force: true });
  return artifact;
}

interface Form {
  readonly bytes: Uint8Array;
  readonly contentType: string;
  readonly type: string;
  readonly extension: string;
  readonly preview: string;
}

function formOf(data: ArtifactData, { contentType, fileName }: ArtifactOptions): Form {
  if (data instanceof Uint8Array) {
    const type = contentType ?? 'application/octet-stream';
    return { bytes: data, contentType: type, type: 'custom', extension: '.bin', preview: fileName ?? '' };
  }
  if (typeof data === 'string') {
    const csv = (contentType ?? 'text/csv') === 'text/csv';
    const kind = csv ? { type: 'pandas', extension: '.csv' } : { type: 'string', extension: '.txt' };
    const preview = csv ? headOf(data) : data;
    return { bytes: new TextEncoder().encode(data), contentType: contentType ?? 'text/csv', preview, ...kind };
  }
  const text = JSON.stringify(data, undefined, 1);
  return {
    bytes: new TextEncoder().encode(text),
    contentType: contentType ?? 'application/json',
    type: Array.isArray(data) ? 'json' : 'dict',
    extension: '.json',
    preview: text,
  };
}

const PREVIEW_ROWS = 20;

function headOf(csv: string): string {
  let end = 0;
  for (let row = 0; row < PREVIEW_ROWS; row += 1) {
    const next = csv.indexOf('\n', end);
    if (next < 0) return csv;
    end = next + 1;
  }
  return `${csv.slice(0, end)}...\n`;
}

/** The bytes of an artifact of a task, checked against the hash that was registered with it. */
export async function readArtifact(session: Session, task: TaskData, name: string): Promise<Uint8Array> {
  const artifact = findArtifact(task, name);
  const bytes = await session.download(artifact.uri ?? '');
  if (artifact.hash && artifact.hash !== (await sha256(bytes)))
    throw new RanloopError('RL_UNPROCESSABLE', `artifact ${name} of task ${task.id} differs from its SHA-256`);
  return bytes;
}

export function findArtifact(task: TaskData, name: string): Artifact {
  const artifact = task.execution?.artifacts?.find(({ key, mode }) => key === name && mode !== 'input');
  if (!artifact?.uri)
    throw new RanloopError('RL_NOT_FOUND', `task ${task.id} ("${task.name}") has no artifact ${name}`);
  return artifact;
}

export async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new Uint8Array(bytes));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
