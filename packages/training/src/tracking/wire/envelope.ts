import type { Envelope } from '@ranloop/contracts/tracking';
import type { ApiError } from './errors.ts';
import type { CallPath, Version } from './path.ts';
import { versionText } from './path.ts';

export interface EnvelopeHead {
  /** 32 hex digits, new for each call. */
  readonly id: string;
  readonly trx: string | undefined;
  readonly path: CallPath | undefined;
  readonly actual: Version | undefined;
}

/** Versions below 2.1 are floats on the wire, later ones strings. */
function wireVersion(version: Version): string | number {
  return version[0] < 2 || (version[0] === 2 && version[1] < 1) ? Number(versionText(version)) : versionText(version);
}

export function envelope(head: EnvelopeHead, outcome: { data: unknown } | { error: ApiError }): Envelope {
  const error = 'error' in outcome ? outcome.error : undefined;
  const requested = head.path?.version ?? head.actual;
  return {
    meta: {
      id: head.id,
      trx: head.trx ?? head.id,
      endpoint: {
        name: head.path?.name ?? '',
        requested_version: requested ? wireVersion(requested) : '1.0',
        actual_version: head.actual ? wireVersion(head.actual) : null,
      },
      result_code: error?.code ?? 200,
      result_subcode: error?.subcode ?? 0,
      result_msg: error?.message ?? 'OK',
      error_stack: null,
      error_data: { ...error?.details },
    },
    data: 'data' in outcome ? outcome.data : {},
  };
}
