import { reportedDn } from '../../canonical/dn.ts';
import { type Context, contextOf } from './grammar.ts';
import { createMeasInfo, type MeasInfo, type ObjectValues } from './meas-info.ts';
import { documentProblem, quoted } from './problem.ts';
import { parseInstant } from './time.ts';
import { createXmlReader } from './xml.ts';

export type { ObjectValues } from './meas-info.ts';

/** What a PM file says of itself. */
export interface PmHeader {
  readonly form: 'TS 32.435' | 'TS 28.532';
  readonly vendor: string;
  /** Local DN of the element, or of its manager, that wrote the file; empty when it does not say. */
  readonly sender: string;
}

export interface PmParser {
  write(bytes: Uint8Array): void;
  /** Throws when the document is not whole. */
  end(): PmHeader;
}

type Attributes = Readonly<Record<string, string>>;

/**
 * Reads a PM file in the XML of TS 32.435 or TS 28.532 as it arrives, and gives the values of one object after the other.
 * What it gives is good only once `end` has returned: the error may be in the last line.
 * @throws RanloopError that names line, column and element.
 */
export function createPmParser(onValues: (values: ObjectValues) => void): PmParser {
  const contexts: Context[] = ['document'];
  const header = { form: 'TS 32.435' as PmHeader['form'], vendor: '', prefix: '', sender: '' };
  let entity: string | undefined;
  let info: MeasInfo | undefined;
  let bodies = 0;
  let headers = 0;

  const refuse = (problem: string) => documentProblem('RL_UNPROCESSABLE', xml.place(), problem);

  const starts: Readonly<Record<string, (attributes: Attributes) => void>> = {
    'document/measDataFile': () => {
      header.form = 'TS 28.532';
    },
    'file/fileHeader': ({ dnPrefix = '', vendorName = '' }) => {
      headers += 1;
      if (bodies > 0 || headers > 1) throw refuse('there is one header, before the data');
      header.prefix = dnPrefix.trim();
      header.vendor = vendorName;
    },
    'header/fileSender': ({ localDn, senderName }) => {
      header.sender = (senderName ?? localDn ?? '').trim();
    },
    'header/measCollec': ({ beginTime }) => instant('beginTime', beginTime),
    'header/measData': ({ beginTime }) => instant('beginTime', beginTime),
    'footer/measCollec': ({ endTime }) => instant('endTime', endTime),
    'footer/measData': ({ endTime }) => instant('endTime', endTime),
    'file/measData': () => {
      if (headers === 0) throw refuse('there is no fileHeader before it');
      bodies += 1;
      entity = undefined;
    },
    'data/managedElement': named,
    'data/measEntity': named,
    'data/measInfo': ({ measInfoId = '' }) => {
      // A file that does not name the measured entity is its sender's.
      const dn = reportedDn(header.prefix, entity ?? header.sender);
      if (dn === '') throw refuse('neither measEntity or managedElement nor fileSender names the measured entity');
      info = createMeasInfo({ id: measInfoId, entity: dn, place: xml.place });
    },
    'info/granPeriod': (attributes) => info?.period(attributes),
    'info/job': ({ jobId = '' }) => info?.job(jobId),
    'info/measValue': ({ measObjLdn }) => info?.object(measObjLdn),
  };

  /** Times that no sample depends on: checked, since a file with a wrong one is not what its sender meant. */
  function instant(name: string, text: string | undefined): void {
    if (text !== undefined && typeof parseInstant(text) !== 'number')
      throw refuse(`${name} ${quoted(text)} is not a time with its offset from UTC, such as 2026-01-05T00:15:00+01:00`);
  }

  function named({ localDn = '' }: Attributes): void {
    if (entity !== undefined) throw refuse('the measured entity is named twice');
    entity = localDn.trim();
  }

  let typePlace: string | undefined;
  let resultPlace: string | undefined;
  const xml = createXmlReader({
    open(name, attributes) {
      const parent = contexts.at(-1) ?? 'document';
      const context = contextOf(parent, name);
      if (context === undefined)
        throw parent === 'document'
          ? refuse('the root of a PM file is measCollecFile (TS 32.435) or measDataFile (TS 28.532)')
          : refuse(`does not belong here`);
      contexts.push(context);
      if (name === 'r') resultPlace = attributes['p'];
      else if (name === 'measType') typePlace = attributes['p'];
      else if (context !== 'skip') starts[`${parent}/${name}`]?.(attributes);
    },
    close(name, text) {
      const context = contexts.pop();
      if (context === 'skip') return;
      if (name === 'r') info?.result(resultPlace, text.trim());
      else if (name === 'measType') info?.type(typePlace, text.trim());
      else if (name === 'measTypes') info?.types(words(text));
      else if (name === 'measResults') info?.results(words(text));
      else if (name === 'suspect') info?.suspect(text.trim());
      else if (context === 'values' && info) onValues(info.closeObject());
      else if (context === 'info') info = undefined;
    },
  });

  return {
    write: xml.write,
    end() {
      xml.end();
      if (headers === 0) throw documentProblem('RL_UNPROCESSABLE', undefined, 'the file has no fileHeader');
      return { form: header.form, vendor: header.vendor, sender: header.sender };
    },
  };
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}
