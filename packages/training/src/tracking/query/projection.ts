import { sql } from 'kysely';
import { isObject } from '../wire/parameters.ts';
import type { Entity, Sql } from './entity.ts';
import { splitPath } from './paths.ts';

type Document = Record<string, unknown>;

/** What `only_fields` asks for: which SQL outputs are needed, and how a document is cut down to it. */
export interface Projection {
  /** Wire field to SQL expression. */
  readonly outputs: Readonly<Record<string, Sql>>;
  cut(document: Document): Document;
}

interface Tree extends Map<string, Tree> {}

export function compileProjection(entity: Entity, given: unknown, joined: boolean): Projection {
  const paths = (Array.isArray(given) ? given : given === undefined ? [] : [given])
    .map((path) => String(path).replace(/\.\*$/, ''))
    .filter((path) => path !== '');
  const wanted = paths.filter((path) => !path.startsWith('-'));
  const unwanted = paths.filter((path) => path.startsWith('-')).map((path) => path.slice(1));
  const include = wanted.length > 0 && !wanted.includes('*') ? treeOf(['id', ...wanted]) : undefined;
  const exclude = treeOf(unwanted.filter((path) => path !== 'id'));
  const outputs: Record<string, Sql> = {};
  for (const [field, expression] of Object.entries(entity.output)) {
    const branch = include?.get(field);
    if (include && !branch) continue;
    if (exclude.get(field)?.size === 0) continue;
    const shown = joined ? joinedOutput(entity, field, branch) : undefined;
    outputs[field] = narrowed(entity, field, branch) ?? sql.raw(shown ?? expression);
  }
  return {
    outputs,
    cut: (document) => {
      const kept = include ? keep(document, include, entity, joined) : document;
      return exclude.size > 0 ? drop(kept, exclude) : kept;
    },
  };
}

/** Where only some members of a large field are asked for, the others are not read. */
function narrowed(entity: Entity, field: string, branch: Tree | undefined): Sql | undefined {
  if (!branch || branch.size === 0) return undefined;
  return entity.narrow?.[field]?.([...branch.keys()]);
}

/** In the joined calls a reference is an object with the id and what was asked of the other entity. */
function joinedOutput(entity: Entity, field: string, branch: Tree | undefined): string | undefined {
  if (!Object.hasOwn(entity.references, field)) return undefined;
  const reference = entity.references[field];
  if (!reference) return undefined;
  const own = `e.${reference.column}`;
  const asked = reference.fields.filter((name) => branch?.has(name));
  const pairs = asked.map((name) => `'${name}', r.${name}`).join(', ');
  const lookup =
    asked.length > 0
      ? `coalesce((select jsonb_build_object(${pairs}) from tracking.${reference.table} r where r.id = ${own}), '{}')`
      : `'{}'::jsonb`;
  return `case when ${own} is not null then jsonb_build_object('id', ${own}) || ${lookup} end`;
}

function treeOf(paths: readonly string[]): Tree {
  const root: Tree = new Map();
  for (const path of paths) {
    let at = root;
    for (const segment of splitPath(path)) {
      const next: Tree = at.get(segment) ?? new Map();
      at.set(segment, next);
      at = next;
    }
  }
  return root;
}

function keep(document: Document, tree: Tree, entity: Entity | undefined, joined: boolean): Document {
  const kept: [string, unknown][] = [];
  for (const [key, branch] of tree) {
    if (!Object.hasOwn(document, key)) continue;
    const value = document[key];
    const whole = branch.size === 0 || (joined && entity && Object.hasOwn(entity.references, key));
    kept.push([key, whole ? value : keepInside(value, branch)]);
  }
  return Object.fromEntries(kept);
}

function keepInside(value: unknown, tree: Tree): unknown {
  if (Array.isArray(value)) return value.map((item) => keepInside(item, tree));
  return isObject(value) ? keep(value, tree, undefined, false) : value;
}

function drop(document: Document, tree: Tree): Document {
  const kept = Object.entries(document).flatMap(([key, value]): [string, unknown][] => {
    const branch = tree.get(key);
    if (!branch) return [[key, value]];
    if (branch.size === 0) return [];
    return [[key, isObject(value) ? drop(value, branch) : value]];
  });
  return Object.fromEntries(kept);
}
