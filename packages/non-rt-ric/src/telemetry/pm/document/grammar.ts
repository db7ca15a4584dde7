/** What is open. `leaf`: holds text or attributes only; `skip`: an element that no specification knows. */
export type Context = 'document' | 'file' | 'header' | 'data' | 'info' | 'values' | 'footer' | 'leaf' | 'skip';

type Children = Readonly<Record<string, Context>>;

const entity: Children = { managedElement: 'leaf', measEntity: 'leaf' };
const span: Children = { measCollec: 'leaf', measData: 'leaf' };

/**
 * Which elements may stand where: TS 32.435 (measCollecFile) and TS 28.532 (measDataFile), which differ in the names of
 * four elements only. `measData` is the body, and in TS 28.532 also the begin in the header and the end in the footer.
 */
const GRAMMAR: Readonly<Record<Context, Children>> = {
  document: { measCollecFile: 'file', measDataFile: 'file' },
  file: { fileHeader: 'header', measData: 'data', fileFooter: 'footer' },
  header: { fileSender: 'leaf', ...span },
  data: { ...entity, measInfo: 'info' },
  info: {
    job: 'leaf',
    granPeriod: 'leaf',
    repPeriod: 'leaf',
    measTypes: 'leaf',
    measType: 'leaf',
    measValue: 'values',
  },
  values: { r: 'leaf', measResults: 'leaf', suspect: 'leaf' },
  footer: span,
  leaf: {},
  skip: {},
};

const NAMES = new Set(Object.values(GRAMMAR).flatMap((children) => Object.keys(children)));

/** Where an element leads, or undefined when it is one of a PM file and does not belong there. */
export function contextOf(parent: Context, name: string): Context | undefined {
  const children = GRAMMAR[parent];
  if (Object.hasOwn(children, name)) return children[name];
  if (parent === 'document') return undefined;
  return parent !== 'skip' && NAMES.has(name) ? undefined : 'skip';
}
