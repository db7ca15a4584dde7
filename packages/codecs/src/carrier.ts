import { RanloopError } from '@ranloop/contracts/errors';
import { type Check, checker } from '@ranloop/contracts/schema';
import type { Static, TSchema } from 'typebox';

/**
 * Bytes to a message and back. `decode` throws RL_MALFORMED when the bytes are no message of the transfer syntax at all,
 * RL_INVALID when a field of the message is wrong; it never returns what the contract's schema refuses.
 */
export interface Codec<T> {
  encode(value: T): Uint8Array;
  decode(bytes: Uint8Array): T;
}

/** UTF-8 JSON of the value in memory. */
export function jsonCodec<S extends TSchema>(schema: S, what: string): Codec<Static<S>> {
  const check: Check<Static<S>> = checker(schema);
  return { encode: encodeJson, decode: (bytes) => check(decodeJson(bytes, what), what) };
}

/** A PDU `{message, value}` whose value has the schema that its name stands for: a wrong field is named, not "no match". */
export function pduCodec<P extends { readonly message: string; readonly value: unknown }>(
  schemas: Readonly<Record<P['message'], TSchema>>,
  what: string,
): Codec<P> {
  const checks = new Map(Object.entries<TSchema>(schemas).map(([name, schema]) => [name, checker(schema)]));
  return {
    encode: encodeJson,
    decode(bytes) {
      const pdu = decodeJson(bytes, what);
      if (typeof pdu !== 'object' || pdu === null || Array.isArray(pdu))
        throw new RanloopError('RL_MALFORMED', `${what}: not an object`);
      const { message, value, ...rest } = pdu as Record<string, unknown>;
      const unknown = Object.keys(rest)[0];
      if (unknown !== undefined) throw invalid(what, `/${unknown.slice(0, 100)}`, 'is not a known field');
      const check = typeof message === 'string' ? checks.get(message) : undefined;
      if (!check) throw invalid(what, '/message', `must be one of ${[...checks.keys()].join(', ')}`);
      return { message, value: check(value, `${what} ${message}`) } as P;
    },
  };
}

function invalid(what: string, path: string, problem: string): RanloopError {
  return new RanloopError('RL_INVALID', `${what}: ${path} ${problem}`, { fields: [{ path, problem }] });
}

function encodeJson(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

function decodeJson(bytes: Uint8Array, what: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new RanloopError('RL_MALFORMED', `${what}: not UTF-8 JSON`, { cause: error });
  }
}
