export interface SseEvent {
  id: string;
  event: string;
  data: string;
}

export interface SseParser {
  /** Takes text in pieces of any size; answers the events that it completes. */
  push(text: string): SseEvent[];
  /** Of the last event that had one; goes into `Last-Event-ID` on the next connection. */
  readonly lastEventId: string;
}

/** Event stream parsing as in the HTML standard, section 9.2.6. */
export function createSseParser(lastEventId = ''): SseParser {
  let rest = '';
  let id = lastEventId;
  let event = '';
  let data: string[] = [];
  const line = (text: string, out: SseEvent[]) => {
    if (text === '') {
      if (data.length > 0) out.push({ id, event: event || 'message', data: data.join('\n') });
      event = '';
      data = [];
      return;
    }
    const colon = text.indexOf(':');
    if (colon === 0) return;
    const field = colon < 0 ? text : text.slice(0, colon);
    const value = colon < 0 ? '' : text.slice(colon + 1).replace(/^ /, '');
    if (field === 'data') data.push(value);
    else if (field === 'event') event = value;
    else if (field === 'id' && !value.includes('\0')) id = value;
  };
  return {
    push(text) {
      const out: SseEvent[] = [];
      const all = rest + text;
      // A CR at the very end may be half of a CR LF.
      const held = all.endsWith('\r') ? all.slice(0, -1) : all;
      const lines = held.split(/\r\n|\n|\r/);
      rest = (lines.pop() ?? '') + all.slice(held.length);
      for (const one of lines) line(one, out);
      return out;
    },
    get lastEventId() {
      return id;
    },
  };
}
