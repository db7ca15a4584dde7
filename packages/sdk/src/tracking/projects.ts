import { ApiError, type Session } from '../session/index.ts';

/** ClearML's name filters are patterns; this one matches the name and nothing else. */
export function exactly(name: string): string {
  return `^${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`;
}

export async function findProject(session: Session, name: string): Promise<string | undefined> {
  const { projects } = await session.call<{ projects: { id: string }[] }>('projects.get_all', {
    name: exactly(name),
    only_fields: ['id'],
    search_hidden: true,
  });
  return projects[0]?.id;
}

export interface ProjectOptions {
  /** Set on a project that is made here; `hidden` keeps it out of lists. */
  readonly systemTags?: readonly string[];
}

/** The id of a project by its full name; made, with the projects above it, when there is none. */
export async function getProject(session: Session, name: string, options: ProjectOptions = {}): Promise<string> {
  const found = await findProject(session, name);
  if (found) return found;
  const { systemTags } = options;
  try {
    const body = { name, description: '', ...(systemTags ? { system_tags: systemTags } : {}) };
    return (await session.call<{ id: string }>('projects.create', body)).id;
  } catch (error) {
    const other = isTaken(error) ? await findProject(session, name) : undefined;
    if (other) return other;
    throw error;
  }
}

/** The project that ClearML hides below another one for datasets and pipelines, e.g. `p/.datasets/name`. */
export async function getHiddenProject(
  session: Session,
  place: { parent: string; folder: '.datasets' | '.pipelines'; name: string; tag: 'dataset' | 'pipeline' },
): Promise<string> {
  const folder = `${place.parent}/${place.folder}`;
  await getProject(session, folder, { systemTags: ['hidden'] });
  return getProject(session, `${folder}/${place.name}`, { systemTags: ['hidden', place.tag] });
}

const NAME_TAKEN = 801;

function isTaken(error: unknown): boolean {
  return error instanceof ApiError && error.resultSubcode === NAME_TAKEN;
}

export async function projectName(session: Session, id: string | null | undefined): Promise<string> {
  if (!id) return '';
  const { project } = await session.call<{ project: { name: string } }>('projects.get_by_id', { project: id });
  return project.name;
}
