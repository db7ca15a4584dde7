import type { TLSSocket } from 'node:tls';
import { RanloopError } from '@ranloop/contracts/errors';
import type { Authenticator } from '@ranloop/kit/auth';
import type { FastifyRequest } from 'fastify';

/** Who may send events. Asked before a body is read, so that it costs a stranger more than us. */
export type Guard = (request: FastifyRequest) => Promise<boolean>;

export interface GuardRules {
  readonly vesAuth: 'basic' | 'certificate' | 'either' | 'both';
  readonly vesSubjects: readonly string[];
}

type Attributes = readonly (readonly [name: string, value: string])[];

export function createGuard({ vesAuth, vesSubjects }: GuardRules, auth: Authenticator): Guard {
  const subjects = vesSubjects.map(attributesOf);
  const basic = async (request: FastifyRequest) => (await auth.identify(request.headers)) !== undefined;
  const certificate = (request: FastifyRequest) => certified(request.raw.socket as TLSSocket, subjects);
  const kinds: Readonly<Record<GuardRules['vesAuth'], Guard>> = {
    basic,
    certificate: async (request) => certificate(request),
    either: async (request) => certificate(request) || basic(request),
    both: async (request) => certificate(request) && basic(request),
  };
  return kinds[vesAuth];
}

/** `authorized` says that the certificate is of the port's CA and in its time; the port itself lets others connect. */
function certified(socket: TLSSocket, subjects: readonly Attributes[]): boolean {
  if (socket.authorized !== true) return false;
  if (subjects.length === 0) return true;
  const subject = socket.getPeerCertificate().subject as unknown as
    | Readonly<Record<string, string | string[]>>
    | undefined;
  if (!subject) return false;
  const has = (name: string, pattern: string) => [subject[name] ?? []].flat().some((value) => matches(value, pattern));
  return subjects.some((attributes) => attributes.every(([name, pattern]) => has(name, pattern)));
}

/** `CN=gnb-*,O=Acme`: every attribute named must be in the subject. */
function attributesOf(text: string): Attributes {
  return text.split(',').map((part) => {
    const [, name, value] = /^\s*([A-Za-z]+)\s*=\s*(\S(?:.*\S)?)\s*$/.exec(part) ?? [];
    if (name === undefined || value === undefined)
      throw new RanloopError('RL_CONFIG', `subject "${text}" must be attributes, as in CN=gnb-*,O=Acme`);
    return [name.toUpperCase(), value] as const;
  });
}

/** `*` stands for any characters. */
function matches(value: string, pattern: string): boolean {
  const [head = '', ...rest] = pattern.split('*');
  const tail = rest.pop();
  if (tail === undefined) return value === head;
  if (!value.startsWith(head) || !value.endsWith(tail) || value.length < head.length + tail.length) return false;
  let from = head.length;
  for (const middle of rest) {
    const at = value.indexOf(middle, from);
    if (at < 0) return false;
    from = at + middle.length;
  }
  return from <= value.length - tail.length;
}
