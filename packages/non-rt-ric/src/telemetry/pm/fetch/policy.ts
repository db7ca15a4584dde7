import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { RanloopError } from '@ranloop/contracts/errors';
import type { PmHost } from '../config.ts';
import type { Location } from '../location.ts';

export interface Peer {
  /** The address to connect to; names are looked up once, so that the answer cannot change in between. */
  readonly address: string;
  readonly family: 4 | 6;
  /** What is configured for the host, if it is. */
  readonly known: PmHost | undefined;
}

interface PolicyOf {
  readonly hosts: readonly PmHost[];
  readonly fromSender: boolean;
}

/**
 * Which host a file may be fetched from: one that is configured, or the very address that announced the file. Anything
 * else would let whoever can send an event make this machine call others (server-side request forgery).
 */
export async function findPeer({ host, port }: Location, sender: string, policy: PolicyOf): Promise<Peer> {
  const known = policy.hosts.find(
    (one) => one.host.toLowerCase() === host.toLowerCase() && (one.port === undefined || one.port === port),
  );
  if (!known && !policy.fromSender) throw refusal(host, 'is not a configured host');
  const addresses = await addressesOf(host);
  const chosen = known ? addresses[0] : addresses.find(({ address }) => sameAddress(address, sender));
  if (!chosen)
    throw refusal(host, `is neither the sender of the notification (${plain(sender)}) nor a configured host`);
  return { ...chosen, known };
}

function refusal(host: string, problem: string): RanloopError {
  const way = 'list it under hosts in the file of --pm-files to allow it';
  return new RanloopError('RL_FORBIDDEN', `the host "${host.slice(0, 128)}" ${problem}; ${way}`);
}

async function addressesOf(host: string): Promise<readonly { address: string; family: 4 | 6 }[]> {
  const family = isIP(host);
  if (family !== 0) return [{ address: host, family: family as 4 | 6 }];
  try {
    const found = await lookup(host, { all: true });
    return found.map(({ address, family: kind }) => ({ address, family: kind as 4 | 6 }));
  } catch (cause) {
    throw new RanloopError('RL_UPSTREAM', `the host "${host.slice(0, 128)}" cannot be looked up`, { cause });
  }
}

/** All of loopback is one sender. */
function sameAddress(a: string, b: string): boolean {
  return plain(a) === plain(b) || (isLoopback(plain(a)) && isLoopback(plain(b)));
}

/** IPv4 inside IPv6 is the IPv4 address. */
function plain(address: string): string {
  return address.toLowerCase().replace(/^::ffff:(?=\d+\.)/, '');
}

function isLoopback(address: string): boolean {
  return address === '::1' || /^127\./.test(address);
}
