import type { StorageSettings } from '@ranloop/contracts/tracking';
import { isObject } from '../wire/parameters.ts';

type Part = Record<string, unknown>;

/** What a part is when nobody has set it, and what is filled in where a field was left out. */
const DEFAULTS = {
  aws: { key: '', secret: '', region: '', token: '', use_credentials_chain: false, buckets: [] },
  google: { project: '', credentials_json: '', buckets: [] },
  azure: { containers: [] },
} as const satisfies Record<keyof StorageSettings, Part>;

const AWS_BUCKET = { multipart: true, secure: true, verify: true, use_credentials_chain: false } as const;

const SECRET: ReadonlySet<string> = new Set(['secret', 'token', 'account_key', 'credentials_json']);

/** The parts of a request as they are stored: fields of the API only, what is null left out. */
export function storedParts({ aws, google, azure }: StorageSettings): Record<string, Part> {
  return {
    ...(aws
      ? { aws: { ...kept(aws, DEFAULTS.aws), buckets: (aws.buckets ?? []).map((one) => kept(one, AWS_FIELDS)) } }
      : {}),
    ...(google
      ? {
          google: {
            ...kept(google, DEFAULTS.google),
            buckets: (google.buckets ?? []).map((one) => kept(one, GOOGLE_FIELDS)),
          },
        }
      : {}),
    ...(azure ? { azure: { containers: (azure.containers ?? []).map((one) => kept(one, AZURE_FIELDS)) } } : {}),
  };
}

const fields = (names: string) => Object.fromEntries(names.split(' ').map((name) => [name, true]));
const AWS_FIELDS = fields(
  'bucket subdir host key secret token multipart acl secure region verify use_credentials_chain',
);
const GOOGLE_FIELDS = fields('bucket subdir project credentials_json');
const AZURE_FIELDS = fields('account_name account_key container_name');

function kept(given: object, names: object): Part {
  return Object.fromEntries(
    Object.entries(given).filter(([key, value]) => Object.hasOwn(names, key) && value !== null && value !== undefined),
  );
}

/** All parts, with defaults where nothing is set; without secrets for who must not see them. */
export function shownParts(stored: Part, withSecrets: boolean): Part {
  const aws = partOf(stored, 'aws');
  const parts = {
    aws: { ...aws, buckets: list(aws['buckets']).map((bucket) => ({ ...AWS_BUCKET, ...bucket })) },
    google: partOf(stored, 'google'),
    azure: partOf(stored, 'azure'),
  };
  return withSecrets ? parts : (withoutSecrets(parts) as Part);
}

function partOf(stored: Part, name: keyof typeof DEFAULTS): Part {
  const part = stored[name];
  return { ...DEFAULTS[name], ...(isObject(part) ? part : {}) };
}

function list(value: unknown): Part[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) => (SECRET.has(key) ? [] : [[key, withoutSecrets(item)]])),
  );
}
