/** Keeps the address short: what is not set is not said. */
export function clean<T extends Record<string, unknown>>(search: T): T {
  return Object.fromEntries(
    Object.entries(search).filter(([, value]) => value !== undefined && value !== '' && value !== 0),
  ) as T;
}
