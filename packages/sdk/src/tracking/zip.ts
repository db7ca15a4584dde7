import { RanloopError } from '@ranloop/contracts/errors';

/** APPNOTE.TXT 6.3: signatures of the parts of a ZIP file, and the two methods in use. */
const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const STORED = 0;
const DEFLATED = 8;
const UTF8_NAME = 0x0800;
const VERSION = 20;
/** 1980-01-01: files carry no time of their own, so equal files make equal archives. */
const DATE = 0x0021;
const MOST_BYTES = 0xffff_ffff;
const MOST_FILES = 0xffff;

export interface ZipFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** Packs files, deflated where that makes them smaller. No ZIP64: under 4 GiB and 65,535 files. */
export async function packZip(files: readonly ZipFile[]): Promise<Uint8Array> {
  if (files.length >= MOST_FILES) throw new RanloopError('RL_TOO_LARGE', `${files.length} files do not fit a ZIP file`);
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  for (const { path, bytes } of files) {
    const packed = await transform(bytes, new CompressionStream('deflate-raw'));
    const smaller = packed.length < bytes.length;
    const body = smaller ? packed : bytes;
    const name = new TextEncoder().encode(path);
    const fields = [smaller ? DEFLATED : STORED, crc32(bytes), body.length, bytes.length, name.length] as const;
    parts.push(localHeader(fields), name, body);
    directory.push(centralHeader(fields, at), name);
    at += 30 + name.length + body.length;
    if (at > MOST_BYTES) throw new RanloopError('RL_TOO_LARGE', 'the files do not fit a ZIP file of 4 GiB');
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0);
  return join([...parts, ...directory, endRecord(files.length, size, at)]);
}

type Fields = readonly [method: number, crc: number, packed: number, size: number, nameLength: number];

function localHeader([method, crc, packed, size, nameLength]: Fields): Uint8Array {
  return record([
    [4, LOCAL],
    [2, VERSION],
    [2, UTF8_NAME],
    [2, method],
    [2, 0],
    [2, DATE],
    [4, crc],
    [4, packed],
    [4, size],
    [2, nameLength],
    [2, 0],
  ]);
}

function centralHeader([method, crc, packed, size, nameLength]: Fields, at: number): Uint8Array {
  return record([
    [4, CENTRAL],
    [2, VERSION],
    [2, VERSION],
    [2, UTF8_NAME],
    [2, method],
    [2, 0],
    [2, DATE],
    [4, crc],
    [4, packed],
    [4, size],
    [2, nameLength],
    [2, 0],
    [2, 0],
    [2, 0],
    [2, 0],
    [4, 0],
    [4, at],
  ]);
}

function endRecord(files: number, size: number, at: number): Uint8Array {
  return record([
    [4, END],
    [2, 0],
    [2, 0],
    [2, files],
    [2, files],
    [4, size],
    [4, at],
    [2, 0],
  ]);
}

function record(fields: readonly (readonly [width: 2 | 4, value: number])[]): Uint8Array {
  const bytes = new Uint8Array(fields.reduce((sum, [width]) => sum + width, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [width, value] of fields) {
    if (width === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += width;
  }
  return bytes;
}

/**
 * Reads the files of an archive through its central directory; folders, and files that are not `wanted`, are left out.
 * Checks sizes and CRCs, and refuses what unpacks to more than `mostBytes`.
 */
export async function unpackZip(
  archive: Uint8Array,
  mostBytes = 1024 ** 3,
  wanted: (path: string) => boolean = () => true,
): Promise<ZipFile[]> {
  const view = new DataView(archive.buffer, archive.byteOffset, archive.byteLength);
  const files: ZipFile[] = [];
  let left = mostBytes;
  for (const entry of directoryOf(archive, view)) {
    if (entry.path.endsWith('/') || !wanted(entry.path)) continue;
    left -= entry.size;
    if (left < 0) throw new RanloopError('RL_TOO_LARGE', `the ZIP file unpacks to more than ${mostBytes} bytes`);
    files.push({ path: entry.path, bytes: await contentOf(archive, view, entry) });
  }
  return files;
}

interface Entry {
  readonly path: string;
  readonly method: number;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  readonly at: number;
}

function directoryOf(archive: Uint8Array, view: DataView): Entry[] {
  const end = findEnd(view);
  const count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  const entries: Entry[] = [];
  for (let index = 0; index < count; index += 1) {
    if (at + 46 > view.byteLength || view.getUint32(at, true) !== CENTRAL) throw broken('its directory is damaged');
    const nameLength = view.getUint16(at + 28, true);
    entries.push({
      path: new TextDecoder().decode(archive.subarray(at + 46, at + 46 + nameLength)),
      method: view.getUint16(at + 10, true),
      crc: view.getUint32(at + 16, true),
      packed: view.getUint32(at + 20, true),
      size: view.getUint32(at + 24, true),
      at: view.getUint32(at + 42, true),
    });
    at += 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return entries;
}

/** The record ends the file, but for a comment of at most 65,535 bytes. */
function findEnd(view: DataView): number {
  for (let at = view.byteLength - 22; at >= Math.max(0, view.byteLength - 22 - 65_535); at -= 1)
    if (view.getUint32(at, true) === END) return at;
  throw broken('it has no end record');
}

async function contentOf(archive: Uint8Array, view: DataView, entry: Entry): Promise<Uint8Array> {
  if (entry.at + 30 > view.byteLength || view.getUint32(entry.at, true) !== LOCAL)
    throw broken(`${entry.path} has no header`);
  const start = entry.at + 30 + view.getUint16(entry.at + 26, true) + view.getUint16(entry.at + 28, true);
  if (start + entry.packed > archive.length) throw broken(`${entry.path} is cut off`);
  const body = archive.subarray(start, start + entry.packed);
  const bytes = entry.method === STORED ? body.slice() : await inflate(body, entry);
  if (bytes.length !== entry.size || crc32(bytes) !== entry.crc) throw broken(`${entry.path} is damaged`);
  return bytes;
}

async function inflate(body: Uint8Array, { path, method, size }: Entry): Promise<Uint8Array> {
  if (method !== DEFLATED)
    throw new RanloopError('RL_UNSUPPORTED', `${path} is packed with method ${method}; 0 and 8 can be read`);
  try {
    return await transform(body, new DecompressionStream('deflate-raw'), size);
  } catch (cause) {
    throw new RanloopError('RL_UNPROCESSABLE', `the ZIP file cannot be read: ${path} is damaged`, { cause });
  }
}

async function transform(
  bytes: Uint8Array,
  stream: CompressionStream | DecompressionStream,
  mostBytes = Number.POSITIVE_INFINITY,
): Promise<Uint8Array> {
  const reader = new Blob([new Uint8Array(bytes)])
    .stream()
    .pipeThrough(stream as TransformStream)
    .getReader();
  const parts: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = (await reader.read()) as { done: boolean; value?: Uint8Array };
    if (done || !value) return join(parts);
    size += value.length;
    if (size > mostBytes) {
      await reader.cancel();
      throw broken('a file is longer than its directory says');
    }
    parts.push(value);
  }
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

const CRC_TABLE: readonly number[] = Array.from({ length: 256 }, (_unused, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc >>> 0;
});

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ (CRC_TABLE[(crc ^ byte) & 0xff] ?? 0);
  return (crc ^ 0xffffffff) >>> 0;
}

function broken(why: string): RanloopError {
  return new RanloopError('RL_UNPROCESSABLE', `the ZIP file cannot be read: ${why}`);
}
