import { RanloopError } from '@ranloop/contracts/errors';
import { SaxesParser } from 'saxes';
import { createTextDecoding } from './decode.ts';
import { documentProblem, type Place } from './problem.ts';

/** Elements as they come. Those of namespaces other than the root's are left out with all that is in them. */
export interface XmlHandler {
  open(name: string, attributes: Readonly<Record<string, string>>): void;
  /** `text` is the element's, from its last child on. */
  close(name: string, text: string): void;
}

export interface XmlReader {
  write(bytes: Uint8Array): void;
  /** An error when the document is not whole. */
  end(): void;
  place(): Place;
}

/** Characters of one tag, text or comment, and before the root: what the parser keeps in memory is bounded by it. */
const MOST_UNBROKEN = 8 * 1024 * 1024;
const MOST_PROLOG = 64 * 1024;
const MOST_DEPTH = 64;
const MOST_NAME = 64;
const PIECE = 64 * 1024;
const LATE_DECLARATION = 'an XML declaration must be at the start of the document.';

/**
 * Reads XML of any length in bounded memory. DTDs are refused, so there are no entities but the five of XML. One
 * departure: a processing instruction or a comment may stand before the XML declaration, since network elements do that.
 */
export function createXmlReader(handler: XmlHandler): XmlReader {
  const decoding = createTextDecoding();
  const parser = new SaxesParser({ xmlns: true, position: false });
  const open: string[] = [];
  let text = '';
  let namespace: string | undefined;
  /** Depth of open elements that are left out. */
  let foreign = 0;
  let unbroken = 0;

  const place = (): Place => ({ line: parser.line, column: parser.column, element: open.at(-1) ?? '' });
  const refuse = (problem: string) => documentProblem('RL_MALFORMED', place(), problem);

  parser.on('error', (error) => {
    if (error.message === LATE_DECLARATION && namespace === undefined) return;
    const cut = /^(?:unclosed tag|unexpected end)/.test(error.message);
    throw refuse(cut ? 'the file ends here, before it is whole' : error.message);
  });
  parser.on('doctype', () => {
    throw refuse('a document type declaration is not read');
  });
  parser.on('opentag', ({ uri, local, attributes }) => {
    unbroken = 0;
    namespace ??= uri;
    if (foreign > 0 || uri !== namespace) {
      foreign += 1;
      if (foreign > MOST_DEPTH) throw refuse(`elements are nested more than ${MOST_DEPTH} deep`);
      return;
    }
    open.push(local.slice(0, MOST_NAME));
    if (open.length > MOST_DEPTH) throw refuse(`elements are nested more than ${MOST_DEPTH} deep`);
    text = '';
    const plain: Record<string, string> = {};
    for (const name in attributes) {
      const attribute = attributes[name];
      if (attribute && attribute.prefix === '') plain[attribute.local] = attribute.value;
    }
    handler.open(local, plain);
  });
  const addText = (more: string) => {
    if (foreign === 0) text += more;
  };
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('closetag', ({ local }) => {
    unbroken = 0;
    if (foreign > 0) {
      foreign -= 1;
      return;
    }
    const own = text;
    text = '';
    handler.close(local, own);
    open.pop();
  });

  function feed(characters: string): void {
    for (let at = 0; at < characters.length; at += PIECE) {
      const piece = characters.slice(at, at + PIECE);
      unbroken += piece.length;
      parser.write(piece);
      if (unbroken > MOST_UNBROKEN)
        throw documentProblem('RL_TOO_LARGE', place(), `one tag or text is longer than ${MOST_UNBROKEN} characters`);
      if (namespace === undefined && unbroken > MOST_PROLOG)
        throw refuse(`the first element does not begin within ${MOST_PROLOG} characters`);
    }
  }

  return {
    write: (bytes) => guarded(() => feed(decoding.decode(bytes)), refuse),
    end: () =>
      guarded(() => {
        feed(decoding.end());
        parser.close();
      }, refuse),
    place,
  };
}

/** Whatever the parser throws of its own (a code point that does not exist) is a fault of the document. */
function guarded(body: () => void, refuse: (problem: string) => RanloopError): void {
  try {
    body();
  } catch (error) {
    if (error instanceof RanloopError) throw error;
    throw refuse(error instanceof Error ? error.message.slice(0, 200) : 'is not XML');
  }
}
