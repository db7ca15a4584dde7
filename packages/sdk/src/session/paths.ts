/** Characters that ClearML's clients keep out of file names, since they break URLs: each becomes 0xNN. */
const UNSAFE = /[#"';?:@&=+$,%!\\\r\n]/g;

/** A file or folder name for the file server: no slash, nothing that a URL would need to escape twice, never `.` or `..`. */
export function safeSegment(name: string): string {
  const clean = name
    .replace(UNSAFE, (char) => `0x${char.charCodeAt(0).toString(16).padStart(2, '0')}`)
    .replaceAll('/', '.slash.')
    .trim();
  return /^\.*$/.test(clean) ? `_${clean}` : clean;
}

/** A path whose slashes separate, such as a project's name. */
export function safePath(path: string): string {
  return path
    .split('/')
    .filter((part) => part.trim() !== '')
    .map(safeSegment)
    .join('/');
}
