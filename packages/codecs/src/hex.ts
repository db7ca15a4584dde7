import { RanloopError } from '@ranloop/contracts/errors';
import type { Codec } from './carrier.ts';

function toHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}

function fromHex(text: string): Uint8Array {
  if (!/^([0-9a-f]{2})*$/.test(text)) throw new RanloopError('RL_MALFORMED', 'not octets in lower-case hex');
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

/** A codec whose bytes stand as an OCTET STRING inside another message: lower-case hex. */
export interface OctetsCodec<T> {
  encode(value: T): string;
  decode(hex: string): T;
}

export function asOctets<T>(codec: Codec<T>): OctetsCodec<T> {
  return { encode: (value) => toHex(codec.encode(value)), decode: (hex) => codec.decode(fromHex(hex)) };
}
