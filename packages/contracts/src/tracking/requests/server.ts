import Type from 'typebox';

export const ServerConfig = Type.Object({ path: Type.Optional(Type.String({ maxLength: 1_000 })) });
/** Seconds over which the figures of agents are taken. */
export const ServerGetStats = Type.Object({
  interval: Type.Optional(Type.Integer({ minimum: 1, maximum: 315_360_000 })),
});
export const ReportStatsOption = Type.Object({ enabled: Type.Optional(Type.Boolean()) });
