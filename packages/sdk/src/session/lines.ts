/** Well below the 15 MB that ClearML's clients send, so that one slow request does not hold up much. */
const MOST_CHARACTERS = 4_000_000;
const MOST_LINES = 2_000;

/** Packs items into bodies of JSON lines; an item larger than a body travels alone. */
export function* batches(items: readonly object[]): Generator<string> {
  let lines: string[] = [];
  let size = 0;
  for (const item of items) {
    const line = JSON.stringify(item);
    if (lines.length > 0 && (size + line.length > MOST_CHARACTERS || lines.length >= MOST_LINES)) {
      yield lines.join('\n');
      lines = [];
      size = 0;
    }
    lines.push(line);
    size += line.length + 1;
  }
  if (lines.length > 0) yield lines.join('\n');
}
