import type { Sample } from '@ranloop/contracts/r1';
import { createIdentities } from '../../canonical/index.ts';
import { sampleOf } from '../../model.ts';
import { createPmParser } from '../document/index.ts';
import { createPmEvents } from '../events.ts';

/** What a PM file says, without fetching or storing it; the document comes in pieces of so many bytes. */
export function parsed(document: string | Uint8Array, piece = 65_536): { samples: Sample[]; bodies: unknown[] } {
  const samples: Sample[] = [];
  const bodies: unknown[] = [];
  const events = createPmEvents({
    source: 's',
    name: 'test.xml',
    digest: 'd',
    identities: createIdentities(1_000),
    times: { earliest: Date.UTC(2000) * 1_000, mostAhead: 0, now: () => Date.UTC(2027) * 1_000 },
    groupSamples: 1_000,
    onGroup: (group) => {
      for (const { points, body } of group) {
        samples.push(...points.map(sampleOf));
        if (body !== undefined) bodies.push(JSON.parse(body));
      }
    },
  });
  const parser = createPmParser((values) => events.add(values));
  const bytes = Buffer.from(document);
  for (let at = 0; at < bytes.length; at += piece) parser.write(bytes.subarray(at, at + piece));
  parser.end();
  events.end();
  return { samples, bodies };
}
