import path from 'node:path';

/** Types that a browser shows without running anything in them. Everything else is saved, not shown. */
const SHOWN: Readonly<Record<string, string>> = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
  '.bmp': 'image/bmp',
  '.tif': 'image/tiff',
  '.tiff': 'image/tiff',
  '.ico': 'image/x-icon',
  '.mp3': 'audio/mpeg',
  '.m4a': 'audio/mp4',
  '.aac': 'audio/aac',
  '.flac': 'audio/flac',
  '.wav': 'audio/wav',
  '.ogg': 'audio/ogg',
  '.mp4': 'video/mp4',
  '.m4v': 'video/mp4',
  '.webm': 'video/webm',
  '.mov': 'video/quicktime',
  '.avi': 'video/x-msvideo',
  '.mpeg': 'video/mpeg',
  '.mpg': 'video/mpeg',
  '.txt': 'text/plain; charset=utf-8',
  '.log': 'text/plain; charset=utf-8',
  '.csv': 'text/csv; charset=utf-8',
  '.json': 'application/json',
};

const SAVED: Readonly<Record<string, string>> = {
  // These can carry scripts that would run with the session of whoever opens them.
  '.html': 'text/html; charset=utf-8',
  '.htm': 'text/html; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.pdf': 'application/pdf',
  '.zip': 'application/zip',
  '.tar': 'application/x-tar',
  '.xml': 'text/xml; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.md': 'text/markdown; charset=utf-8',
  '.py': 'text/x-python; charset=utf-8',
  '.yaml': 'application/yaml',
  '.yml': 'application/yaml',
};

/** The headers that say what a file is, and keep a browser from taking it for anything else. */
export function contentHeaders(key: string, download: boolean): Record<string, string> {
  const extension = path.posix.extname(key).toLowerCase();
  const shown = Object.hasOwn(SHOWN, extension) ? SHOWN[extension] : undefined;
  const saved = Object.hasOwn(SAVED, extension) ? SAVED[extension] : undefined;
  const disposition = shown !== undefined && !download ? 'inline' : 'attachment';
  return {
    'content-type': shown ?? saved ?? 'application/octet-stream',
    'content-disposition': `${disposition}; filename*=UTF-8''${encodeName(path.posix.basename(key))}`,
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox",
    // The same URL is written again and again by debug images.
    'cache-control': 'no-cache',
    'accept-ranges': 'bytes',
  };
}

/** RFC 8187: what encodeURIComponent leaves but the grammar does not allow is escaped too. */
function encodeName(name: string): string {
  return encodeURIComponent(name.replace(/\p{Surrogate}/gu, '\uFFFD')).replace(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
