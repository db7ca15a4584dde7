import { TextDecoder } from 'node:util';
import { documentProblem } from './problem.ts';

export interface TextDecoding {
  decode(bytes: Uint8Array): string;
  /** What remains; an error when the last character is cut off. */
  end(): string;
}

const SNIFFED = 1_024;
const DECLARED = /<\?xml\s[^>]{0,200}?encoding\s*=\s*["']([A-Za-z][A-Za-z0-9._-]{0,40})["']/;

/** Bytes of an XML document to text: the encoding is the byte order mark's, else the declared one, else UTF-8 (XML 1.0, F). */
export function createTextDecoding(): TextDecoding {
  let decoder: TextDecoder | undefined;
  let held = Buffer.alloc(0);

  const decoded = (bytes: Uint8Array | undefined): string => {
    decoder ??= decoderFor(held);
    try {
      return decoder.decode(bytes, { stream: bytes !== undefined });
    } catch {
      throw documentProblem('RL_MALFORMED', undefined, `the file holds bytes that are not ${decoder.encoding}`);
    }
  };
  return {
    decode(bytes) {
      if (decoder) return decoded(bytes);
      held = Buffer.concat([held, bytes]);
      return held.length < SNIFFED ? '' : decoded(held);
    },
    end() {
      const first = decoder ? '' : decoded(held);
      return first + decoded(undefined);
    },
  };
}

function decoderFor(head: Buffer): TextDecoder {
  const encoding = encodingOf(head);
  try {
    return new TextDecoder(encoding, { fatal: true });
  } catch {
    throw documentProblem('RL_UNSUPPORTED', undefined, `the encoding ${encoding} is not known`);
  }
}

function encodingOf(head: Buffer): string {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  if (head[0] === 0x3c && head[1] === 0) return 'utf-16le';
  if (head[0] === 0 && head[1] === 0x3c) return 'utf-16be';
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return 'utf-8';
  return DECLARED.exec(head.subarray(0, SNIFFED).toString('latin1'))?.[1] ?? 'utf-8';
}
