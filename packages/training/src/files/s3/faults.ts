import { RanloopError } from '@ranloop/contracts/errors';

interface S3Error {
  readonly name?: string;
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

const statusOf = (error: unknown) => (error as S3Error).$metadata?.httpStatusCode;

export function isAbsent(error: unknown): boolean {
  return statusOf(error) === 404 && (error as S3Error).name !== 'NoSuchBucket';
}

/** What S3 calls the fault. Its texts are left out: those about signatures repeat what was signed. */
export function faultName(error: unknown): string {
  const { name = '', code } = error as S3Error;
  if (name === 'CredentialsProviderError') return 'no credentials were found';
  return code ?? (name === '' || name === 'Error' || name === 'Unknown' ? `status ${statusOf(error) ?? 'none'}` : name);
}

/** What S3 answers, in terms of the catalogue. */
export function s3Fault(error: unknown): never {
  if (error instanceof RanloopError) throw error;
  const status = statusOf(error);
  const reason = faultName(error);
  if (status === 412) throw new RanloopError('RL_BUSY', 'the file was replaced while it was read', { cause: error });
  if (status === 400 && /Key|URI|Argument/.test(reason))
    throw new RanloopError('RL_INVALID', `the path cannot be used (${reason})`, { cause: error });
  throw new RanloopError('RL_STORE', `S3 cannot do this now (${reason})`, { cause: error });
}
