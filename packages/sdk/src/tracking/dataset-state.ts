import { checker } from '@ranloop/contracts/schema';
import Type, { type Static } from 'typebox';

/** The artifact `state` of a dataset version, as ClearML's Dataset writes and reads it; unknown members are left alone. */
const DatasetStateSchema = Type.Object({
  dataset_file_entries: Type.Array(
    Type.Object({
      relative_path: Type.String(),
      hash: Type.String(),
      size: Type.Integer({ minimum: 0 }),
      artifact_name: Type.String(),
      parent_dataset_id: Type.String(),
    }),
  ),
  dataset_link_entries: Type.Array(Type.Unknown()),
  dependency_graph: Type.Record(Type.String(), Type.Array(Type.String())),
  dependency_chunk_lookup: Type.Record(Type.String(), Type.Integer()),
  id: Type.String(),
  dirty: Type.Boolean(),
  file_count: Type.Integer(),
  total_size: Type.Integer(),
});
export type DatasetState = Static<typeof DatasetStateSchema>;

const checkState = checker(DatasetStateSchema);

export interface DatasetFile {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly sha256: string;
}

/** Versions of ClearML's Dataset leave members out that hold nothing. */
export function readState(value: unknown): DatasetState {
  const given = typeof value === 'object' && value !== null ? (value as Partial<DatasetState>) : {};
  const filled = {
    ...emptyState(''),
    ...Object.fromEntries(Object.entries(given).filter(([, held]) => held !== null)),
  };
  return checkState(filled, 'state of the dataset');
}

export function emptyState(id: string): DatasetState {
  return {
    dataset_file_entries: [],
    dataset_link_entries: [],
    dependency_graph: { [id]: [] },
    dependency_chunk_lookup: { [id]: 0 },
    id,
    dirty: false,
    file_count: 0,
    total_size: 0,
  };
}

/** A version whose files all lie in one archive of its own. */
export function stateOf(base: DatasetState, files: readonly DatasetFile[], artifact: string): DatasetState {
  return {
    ...base,
    dataset_file_entries: files.map(({ path, size, sha256 }) => ({
      relative_path: path,
      hash: sha256,
      size,
      artifact_name: artifact,
      parent_dataset_id: base.id,
    })),
    dependency_chunk_lookup: { [base.id]: files.length > 0 ? 1 : 0 },
    file_count: files.length,
    total_size: files.reduce((sum, { size }) => sum + size, 0),
  };
}
