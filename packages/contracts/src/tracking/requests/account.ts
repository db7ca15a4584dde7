import Type from 'typebox';

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
export const UserId = Type.Object({ user: Type.String() });
export const SetPreferences = Type.Object({
  preferences: Type.Record(Type.String(), Type.Unknown()),
  return_updated: Type.Optional(Type.Boolean()),
});
export const GetTags = Type.Object({
  include_system: Type.Optional(Type.Boolean()),
  projects: Type.Optional(Type.Array(Type.String())),
  filter: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
});
