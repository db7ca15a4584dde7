import type { LoopArrow, LoopStep } from '../../api/loop.ts';

/** The figure of the architecture, in units of its view box. */
export const VIEW = { width: 1180, height: 424 } as const;

export interface Box {
  id: string;
  x: number;
  y: number;
  w: number;
  h: number;
  title: string;
  lines: readonly string[];
  /** Steps of the loop that run here: the box is lit while one of them runs. */
  steps?: readonly LoopStep[];
}

export const GROUPS: readonly Box[] = [
  { id: 'ran', x: 12, y: 62, w: 232, h: 340, title: 'RAN', lines: [] },
  { id: 'non-rt', x: 330, y: 62, w: 500, h: 340, title: 'Non-RT RIC', lines: ['over 1 s'] },
  { id: 'near-rt', x: 930, y: 62, w: 238, h: 340, title: 'Near-RT RIC', lines: ['10 ms to 1 s'] },
];

export const BOXES: readonly Box[] = [
  {
    id: 'o-du',
    x: 32,
    y: 102,
    w: 192,
    h: 64,
    title: 'O-DU',
    lines: ['scheduler, slice ratios'],
    steps: ['report', 'effect'],
  },
  { id: 'cu-cp', x: 32, y: 190, w: 192, h: 54, title: 'O-CU-CP', lines: ['RRC, connections'] },
  { id: 'cu-up', x: 32, y: 276, w: 192, h: 54, title: 'O-CU-UP', lines: ['PDCP, user traffic'] },
  { id: 'ue', x: 32, y: 348, w: 192, h: 40, title: 'UE', lines: ['eMBB, URLLC, mIoT'] },
  {
    id: 'telemetry',
    x: 350,
    y: 102,
    w: 190,
    h: 76,
    title: 'Telemetry',
    lines: ['VES collector', 'time series, query'],
    steps: ['store'],
  },
  {
    id: 'training',
    x: 620,
    y: 102,
    w: 190,
    h: 76,
    title: 'ClearML framework',
    lines: ['tracking, files, agents', 'extract, train, evaluate'],
    steps: ['extract', 'train', 'drift'],
  },
  {
    id: 'inference',
    x: 620,
    y: 222,
    w: 190,
    h: 58,
    title: 'Inference host',
    lines: ['ONNX Runtime'],
    steps: ['deploy'],
  },
  {
    id: 'rapps',
    x: 350,
    y: 222,
    w: 190,
    h: 164,
    title: 'rApps',
    lines: ['slice-assurance', 'forecast to ratios'],
    steps: ['decide'],
  },
  { id: 'policy', x: 620, y: 328, w: 190, h: 58, title: 'Policy', lines: ['A1 adapter'], steps: ['enforce'] },
  { id: 'a1', x: 950, y: 278, w: 198, h: 108, title: 'A1', lines: ['policies', 'enrichment, models'] },
  { id: 'xapps', x: 950, y: 190, w: 198, h: 58, title: 'xApps', lines: ['slice-prb: quotas'] },
  { id: 'e2', x: 950, y: 102, w: 198, h: 58, title: 'E2', lines: ['E2AP: KPM, RC'] },
];

export interface Flow {
  id: string;
  path: string;
  /** Where the name and the rate stand. */
  label?: { x: number; y: number; text: string; arrow: LoopArrow };
  /** The rate that moves the line; without one it is a quiet connection inside a room. */
  arrow?: LoopArrow;
  both?: boolean;
}

export const FLOWS: readonly Flow[] = [
  { id: 'o1', arrow: 'o1', path: 'M228 134 H346', label: { x: 287, y: 134, text: 'O1: VES, PM', arrow: 'o1' } },
  { id: 'e1', arrow: 'e1', both: true, path: 'M128 246 V274', label: { x: 128, y: 260, text: 'E1AP', arrow: 'e1' } },
  { id: 'du-cp', both: true, path: 'M128 168 V188' },
  { id: 'cu-ue', both: true, path: 'M128 332 V346' },
  { id: 'tasks', arrow: 'tasks', path: 'M542 140 H616', label: { x: 580, y: 140, text: 'tasks', arrow: 'tasks' } },
  { id: 'query', arrow: 'query', path: 'M445 180 V219', label: { x: 445, y: 200, text: 'R1 query', arrow: 'query' } },
  { id: 'model', path: 'M715 180 V219' },
  {
    id: 'inference',
    arrow: 'inference',
    both: true,
    path: 'M543 251 H617',
    label: { x: 580, y: 251, text: 'infer', arrow: 'inference' },
  },
  { id: 'decide', arrow: 'a1', path: 'M542 357 H616' },
  { id: 'a1', arrow: 'a1', path: 'M812 357 H946', label: { x: 880, y: 357, text: 'A1-P', arrow: 'a1' } },
  { id: 'ei', arrow: 'ei', path: 'M542 304 H946', label: { x: 880, y: 304, text: 'A1-EI', arrow: 'ei' } },
  { id: 'a1-xapp', arrow: 'a1', path: 'M1049 276 V251' },
  { id: 'xapp-e2', arrow: 'e2', path: 'M1049 188 V163' },
  {
    id: 'e2',
    arrow: 'e2',
    both: true,
    path: 'M1128 100 V46 Q1128 30 1112 30 H216 Q200 30 200 46 V98',
    label: { x: 590, y: 30, text: 'E2: KPM, RC', arrow: 'e2' },
  },
];
