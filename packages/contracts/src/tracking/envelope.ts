/** The head of every answer of the API, good or bad. The HTTP status equals `result_code`. */
export interface Meta {
  id: string;
  trx: string;
  endpoint: { name: string; requested_version: string | number; actual_version: string | number | null };
  result_code: number;
  result_subcode: number;
  result_msg: string;
  error_stack: string | null;
  error_data: Record<string, unknown>;
}

export interface Envelope<Data = unknown> {
  meta: Meta;
  data: Data;
}

/** What the many-calls answer: each id succeeded or failed by itself. */
export interface ManyResult<Item extends object = object> {
  succeeded: (Item & { id: string })[];
  failed: { id: string; error: { codes: [number, number]; msg: string; data: Record<string, unknown> } }[];
}
