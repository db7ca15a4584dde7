import type { NodeInfo } from '@ranloop/contracts/ric';
import type { E2Node } from './node.ts';

/** Every E2 node that was connected since the start, by RAN name; those that are gone make room for new ones. */
export interface NodeTable {
  readonly connected: ReadonlyMap<string, E2Node>;
  /** False when all places are taken by connected nodes. A node of the same name must have been removed before. */
  add(node: E2Node): boolean;
  remove(node: E2Node): void;
  get(ranName: string): NodeInfo | undefined;
  /** By RAN name. */
  all(): NodeInfo[];
}

export function createNodeTable(most: number): NodeTable {
  const connected = new Map<string, E2Node>();
  const gone = new Map<string, NodeInfo>();
  return {
    connected,
    add(node) {
      if (connected.size >= most) return false;
      gone.delete(node.meid);
      if (connected.size + gone.size >= most) {
        const oldest = gone.keys().next().value;
        if (oldest !== undefined) gone.delete(oldest);
      }
      connected.set(node.meid, node);
      return true;
    },
    remove(node) {
      if (connected.get(node.meid) !== node) return;
      connected.delete(node.meid);
      gone.set(node.meid, node.info());
    },
    get: (ranName) => connected.get(ranName)?.info() ?? gone.get(ranName),
    all: () =>
      [...[...connected.values()].map((node) => node.info()), ...gone.values()].sort((a, b) =>
        a.ranName < b.ranName ? -1 : 1,
      ),
  };
}
