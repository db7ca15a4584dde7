const CREDENTIALS = /([a-z][a-z0-9+.-]{0,15}:(?:\\?\/){2})[^\s"'/?#\\]*@/gi;
const QUERY = /([a-z][a-z0-9+.-]{0,15}:(?:\\?\/){2}[^\s"'?#]{1,2048})\?[^\s"'#\\]*/gi;

/** Takes credentials out of the URLs in a text: user and password, and the query, where tokens travel. JSON stays JSON. */
export function redacted(text: string): string {
  return text.replace(CREDENTIALS, '$1***@').replace(QUERY, '$1?***');
}
