export { embeddedPostgresVersion } from './binaries.ts';
export { createDatabase, type Database, type DatabaseConfig } from './database.ts';
export { createEmbeddedPostgres, type EmbeddedPostgres } from './embedded.ts';
export { freePort } from './free-port.ts';
