import { createHash, randomUUID } from 'node:crypto';

/** 32 lowercase hex digits: clients build URLs and file paths from ids of this form. */
export function newId(): string {
  return randomUUID().replaceAll('-', '');
}

/** MD5 of the UTF-8 text in lowercase hex: the key under which clients look for a metric or variant. */
export function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}
