import Type from 'typebox';
import { Id, Ids } from '../common.ts';
import { Query } from './query.ts';

const text = Type.Optional(Type.String());

export const NoParameters = Type.Object({});
export const Login = Type.Object({ expiration_sec: Type.Optional(Type.Integer({ minimum: 1 })) });
export const ValidateToken = Type.Object({ token: Type.String() });
export const CreateCredentials = Type.Object({ label: Type.Optional(Type.String({ maxLength: 1_000 })) });
export const EditCredentials = Type.Object({ access_key: Type.String(), label: Type.Optional(Type.String()) });
export const RevokeCredentials = Type.Object({ access_key: Type.String() });
export const GetTokenForUser = Type.Object({
  user: Type.String(),
  company: text,
  expiration_sec: Type.Optional(Type.Integer({ minimum: 1 })),
});
const ROLE = Type.Enum(['admin', 'superuser', 'user', 'annotator']);
const profile = { given_name: text, family_name: text, avatar: text };
export const AuthCreateUser = Type.Object({
  name: Type.String(),
  company: Type.String(),
  email: Type.String(),
  role: Type.Optional(ROLE),
  ...profile,
});
export const AuthEditUser = Type.Object({ user: Type.String(), role: Type.Optional(ROLE) });
export const UserId = Type.Object({ user: Type.String() });
export const UsersCreate = Type.Object({ id: Id, name: Type.String(), company: Type.String(), ...profile });
export const UsersUpdate = Type.Object({ user: Type.String(), name: text, ...profile });
/** `active_in_projects`: only who made something there; an empty list means anywhere. */
export const UsersQuery = Type.Intersect([Query, Type.Object({ active_in_projects: Type.Optional(Ids) })]);
export const SetPreferences = Type.Object({
  preferences: Type.Record(Type.String(), Type.Unknown()),
  return_updated: Type.Optional(Type.Boolean()),
});
const tagFilter = Type.Optional(Type.Array(Type.Union([Type.String(), Type.Null()]), { maxItems: 10_000 }));
/** `filter`: which entities the tags are collected from, in the language of list filters. */
export const GetTags = Type.Object({
  include_system: Type.Optional(Type.Boolean()),
  projects: tagFilter,
  filter: Type.Optional(Type.Object({ tags: tagFilter, system_tags: tagFilter })),
});
