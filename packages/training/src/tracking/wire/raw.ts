import type { Readable } from 'node:stream';

/** An answer without an envelope: a file that a browser saves. */
export class RawAnswer {
  readonly body: Readable | string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(body: Readable | string, { filename, type }: { filename: string; type: string }) {
    this.body = body;
    this.headers = { 'content-type': type, 'content-disposition': disposition(filename) };
  }
}

/** RFC 6266: the plain name for old readers, the UTF-8 one beside it where they differ. */
function disposition(filename: string): string {
  const plain = filename.replace(/[^\x20-\x7e]|["\\%/;]/g, '_');
  const encoded = encodeURIComponent(filename.replace(/\p{Surrogate}/gu, '_')).replace(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"${plain === filename ? '' : `; filename*=UTF-8''${encoded}`}`;
}
