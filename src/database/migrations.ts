import type { ColumnDefinitionBuilder, Kysely } from 'kysely'
import type { Migration, MigrationProvider } from 'kysely/migration'

/**
 * Every change of the tables, in order; one that has landed is never edited. The doctor reads only the names, so a migration
 * that needs a value of Kysely imports it when it runs.
 */
const migrations: Record<string, Migration> = {
  '0001-first': {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('accounts')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('role', 'text', (column) => column.notNull())
        .addColumn('tier', 'text', (column) => column.notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .execute()
      await db.schema
        .createTable('tokens')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('user_id', 'text', (column) => column.notNull().references('accounts.id').onDelete('cascade'))
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('role', 'text', (column) => column.notNull())
        .addColumn('secret_hash', 'text', (column) => column.notNull().unique())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .addColumn('expires_at', 'bigint')
        .execute()
      await db.schema.createIndex('tokens_by_user').on('tokens').column('user_id').execute()
      await db.schema
        .createTable('environments')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('user_id', 'text', (column) => column.notNull().references('accounts.id'))
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('template', 'text', (column) => column.notNull())
        .addColumn('launch', 'text', (column) => column.notNull())
        .addColumn('resources', 'text', (column) => column.notNull())
        .addColumn('token', 'text', (column) => column.notNull())
        .addColumn('desired', 'text', (column) => column.notNull())
        .addColumn('restart_requested_at', 'bigint')
        .addColumn('failure', 'text')
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .execute()
      await db.schema.createIndex('environments_by_time').on('environments').columns(['created_at', 'id']).execute()
      await db.schema
        .createIndex('environments_by_user')
        .on('environments')
        .columns(['user_id', 'created_at', 'id'])
        .execute()
      await db.schema
        .createTable('idempotency_keys')
        .addColumn('user_id', 'text', (column) => column.notNull())
        .addColumn('key', 'text', (column) => column.notNull())
        .addColumn('request_hash', 'text', (column) => column.notNull())
        .addColumn('environment_id', 'text', (column) => column.notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .addPrimaryKeyConstraint('idempotency_keys_pk', ['user_id', 'key'])
        .execute()
    },
  },
  '0002-recreate-and-legacy-owners': {
    async up(db: Kysely<unknown>) {
      await db.schema.alterTable('environments').addColumn('replace_container', 'text').execute()
      await db.schema
        .createTable('legacy_owners')
        .addColumn('container_name', 'text', (column) => column.primaryKey())
        .addColumn('user_id', 'text', (column) => column.notNull())
        .execute()
    },
  },
  '0003-idleness': {
    async up(db: Kysely<unknown>) {
      await db.schema.alterTable('environments').addColumn('last_activity_at', 'bigint').execute()
      await db.schema.alterTable('environments').addColumn('idle_action', 'text').execute()
    },
  },
  '0004-host-port': {
    async up(db: Kysely<unknown>) {
      await db.schema.alterTable('environments').addColumn('host_port', 'integer').execute()
    },
  },
  '0005-authority': {
    async up(db: Kysely<unknown>) {
      const disabled = (column: ColumnDefinitionBuilder) => column.notNull().defaultTo(0)
      await db.schema.alterTable('accounts').addColumn('disabled', 'integer', disabled).execute()
      await db.schema.alterTable('tokens').addColumn('scopes', 'text').execute()
      await db.schema.alterTable('tokens').addColumn('last_used_at', 'bigint').execute()
      const { sql } = await import('kysely')
      // From now on a demotion lowers the tokens too. Those of earlier demotions must not come back to life.
      await sql`update tokens set role = 'user' where user_id in (select id from accounts where role = 'user')`.execute(
        db,
      )
    },
  },
  '0006-images': {
    async up(db: Kysely<unknown>) {
      await db.schema.alterTable('environments').addColumn('made_from', 'text').execute()
    },
  },
  // The recorded command and URL of an environment held its secret; now each container has a secret of its own. If a person
  // chose the secret, it may be any word: then it is taken out only in places where it is used as a token.
  '0007-secret-of-each-container': {
    async up(db: Kysely<unknown>) {
      const { sql } = await import('kysely')
      await sql`UPDATE environments SET launch = replace(launch, token, '{token}') WHERE length(token) >= 32`.execute(
        db,
      )
      // It ends there: `"` closes a word of the JSON, `&` a parameter of the URL. An empty secret stands before each other value.
      await sql`UPDATE environments SET launch = replace(replace(launch,
          'token=' || token || '"', 'token={token}"'), 'token=' || token || '&', 'token={token}&')
        WHERE length(token) < 32`.execute(db)
    },
  },
  '0008-sign-in': {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('passwords')
        .addColumn('user_id', 'text', (column) => column.primaryKey().references('accounts.id').onDelete('cascade'))
        .addColumn('hash', 'text', (column) => column.notNull())
        .addColumn('changed_at', 'bigint', (column) => column.notNull())
        .execute()
      await db.schema
        .createTable('sessions')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('user_id', 'text', (column) => column.notNull().references('accounts.id').onDelete('cascade'))
        .addColumn('secret_hash', 'text', (column) => column.notNull().unique())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .addColumn('expires_at', 'bigint', (column) => column.notNull())
        .addColumn('last_used_at', 'bigint', (column) => column.notNull())
        .addColumn('client', 'text', (column) => column.notNull())
        .addColumn('address', 'text', (column) => column.notNull())
        .execute()
      await db.schema.createIndex('sessions_by_user').on('sessions').column('user_id').execute()
      await db.schema.createIndex('sessions_by_end').on('sessions').column('expires_at').execute()
    },
  },
  '0009-invitations': {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('invitations')
        .addColumn('user_id', 'text', (column) => column.primaryKey().references('accounts.id').onDelete('cascade'))
        .addColumn('code_hash', 'text', (column) => column.notNull().unique())
        .addColumn('expires_at', 'bigint', (column) => column.notNull())
        .execute()
    },
  },
  '0010-visits': {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('visits')
        .addColumn('secret_hash', 'text', (column) => column.primaryKey())
        .addColumn('session_id', 'text', (column) => column.notNull().references('sessions.id').onDelete('cascade'))
        .addColumn('environment_id', 'text', (column) => column.notNull())
        .addColumn('code_until', 'bigint')
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .execute()
      await db.schema.createIndex('visits_by_session').on('visits').columns(['session_id', 'environment_id']).execute()
    },
  },
  '0011-identities': {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('identities')
        .addColumn('issuer', 'text', (column) => column.notNull())
        .addColumn('subject', 'text', (column) => column.notNull())
        .addColumn('user_id', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('identities_pk', ['issuer', 'subject'])
        .addUniqueConstraint('identities_by_user', ['issuer', 'user_id'])
        .execute()
      await db.schema.alterTable('sessions').addColumn('voucher', 'text').execute()
      await db.schema.alterTable('sessions').addColumn('provider_session', 'text').execute()
    },
  },
  '0012-upstreams-and-openings': {
    async up(db: Kysely<unknown>) {
      await db.schema.alterTable('environments').addColumn('upstream', 'text').execute()
      await db.schema
        .createTable('openings')
        .addColumn('environment_id', 'text', (column) => column.notNull())
        .addColumn('user_id', 'text', (column) => column.notNull())
        .addColumn('by', 'text', (column) => column.notNull())
        .addColumn('at', 'bigint', (column) => column.notNull())
        .execute()
      await db.schema.createIndex('openings_by_environment').on('openings').columns(['environment_id', 'at']).execute()
    },
  },
  '0013-safe-starts': {
    async up(db: Kysely<unknown>) {
      await db.schema
        .alterTable('environments')
        .addColumn('safe', 'integer', (column) => column.notNull().defaultTo(0))
        .execute()
    },
  },
  '0014-out-of-memory': {
    async up(db: Kysely<unknown>) {
      await db.schema.alterTable('environments').addColumn('out_of_memory_at', 'bigint').execute()
    },
  },
  '0015-jobs': {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('jobs')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('kind', 'text', (column) => column.notNull())
        .addColumn('key', 'text')
        .addColumn('user_id', 'text', (column) => column.notNull())
        .addColumn('title', 'text', (column) => column.notNull())
        .addColumn('input', 'text', (column) => column.notNull())
        .addColumn('status', 'text', (column) => column.notNull())
        .addColumn('progress', 'text')
        .addColumn('result', 'text')
        .addColumn('failure', 'text')
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .addColumn('started_at', 'bigint')
        .addColumn('ended_at', 'bigint')
        .execute()
      await db.schema.createIndex('jobs_by_time').on('jobs').columns(['created_at', 'id']).execute()
      await db.schema.createIndex('jobs_by_user').on('jobs').columns(['user_id', 'created_at', 'id']).execute()
      await db.schema.createIndex('jobs_by_status').on('jobs').column('status').execute()
    },
  },
  '0016-trash': {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('trash')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('user_id', 'text')
        .addColumn('path', 'text', (column) => column.notNull())
        .addColumn('kind', 'text', (column) => column.notNull())
        .addColumn('size_bytes', 'bigint')
        .addColumn('deleted_by', 'text', (column) => column.notNull())
        .addColumn('deleted_at', 'bigint', (column) => column.notNull())
        .execute()
      await db.schema.createIndex('trash_by_time').on('trash').columns(['deleted_at', 'id']).execute()
      await db.schema.createIndex('trash_by_user').on('trash').columns(['user_id', 'deleted_at', 'id']).execute()
    },
  },
  '0017-usage': {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('usage_counts')
        .addColumn('place', 'text', (column) => column.primaryKey())
        .addColumn('bytes', 'bigint', (column) => column.notNull())
        .addColumn('size_bytes', 'bigint', (column) => column.notNull())
        .addColumn('files', 'bigint', (column) => column.notNull())
        .addColumn('folders', 'bigint', (column) => column.notNull())
        .addColumn('missed', 'bigint', (column) => column.notNull())
        .addColumn('biggest', 'text', (column) => column.notNull())
        .addColumn('counted_at', 'bigint', (column) => column.notNull())
        .addColumn('full_at', 'bigint')
        .execute()
      await db.schema
        .createTable('usage_history')
        .addColumn('place', 'text', (column) => column.notNull())
        .addColumn('span', 'text', (column) => column.notNull())
        .addColumn('at', 'bigint', (column) => column.notNull())
        .addColumn('bytes', 'bigint', (column) => column.notNull())
        .addColumn('size_bytes', 'bigint', (column) => column.notNull())
        .addColumn('files', 'bigint', (column) => column.notNull())
        .addPrimaryKeyConstraint('usage_history_pk', ['place', 'span', 'at'])
        .execute()
      await db.schema.createIndex('usage_history_by_age').on('usage_history').columns(['span', 'at']).execute()
    },
  },
  '0019-folder-openings': {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('folder_openings')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('path', 'text', (column) => column.notNull())
        .addColumn('user_id', 'text', (column) => column.references('accounts.id').onDelete('cascade'))
        .addColumn('tier', 'text')
        .addColumn('opened_by', 'text', (column) => column.notNull())
        .addColumn('opened_at', 'bigint', (column) => column.notNull())
        .execute()
    },
  },
  '0020-trash-bytes': {
    async up(db: Kysely<unknown>) {
      await db.schema.alterTable('trash').addColumn('bytes', 'bigint').execute()
    },
  },
  // Health asks for the newest jobs of some kinds every five seconds, and most jobs are of others.
  '0021-jobs-by-kind': {
    async up(db: Kysely<unknown>) {
      await db.schema.createIndex('jobs_by_kind').on('jobs').columns(['kind', 'created_at', 'id']).execute()
    },
  },
  '0022-machine-samples': {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('machine_samples')
        .addColumn('at', 'bigint', (column) => column.primaryKey())
        .addColumn('memory_used', 'bigint', (column) => column.notNull())
        .addColumn('memory_total', 'bigint', (column) => column.notNull())
        .addColumn('cpu_permille', 'integer', (column) => column.notNull())
        .addColumn('disk_used', 'bigint')
        .addColumn('disk_total', 'bigint')
        .addColumn('running', 'integer', (column) => column.notNull())
        .addColumn('waiting', 'integer', (column) => column.notNull())
        .execute()
    },
  },
  '0023-had-folder': {
    async up(db: Kysely<unknown>) {
      const { sql } = await import('kysely')
      await db.schema
        .alterTable('accounts')
        .addColumn('had_folder', 'integer', (column) => column.notNull().defaultTo(0))
        .execute()
      // A person's folder was made before the first container of theirs, and only a container gives its record a port or an image.
      await sql`UPDATE accounts SET had_folder = 1 WHERE id IN (SELECT user_id FROM environments
          WHERE host_port IS NOT NULL OR made_from IS NULL OR made_from <> '"latest"')`.execute(db)
    },
  },
  '0024-had-folder-without-environment': {
    async up(db: Kysely<unknown>) {
      const { sql } = await import('kysely')
      // Uploads need no environment. Only a folder that is there is counted, and only from one that is there something is deleted.
      await sql`UPDATE accounts SET had_folder = 1 WHERE
          EXISTS (SELECT 1 FROM trash WHERE user_id = accounts.id AND deleted_at >= accounts.created_at) OR
          EXISTS (SELECT 1 FROM usage_history WHERE place = 'users/' || accounts.id AND at >= accounts.created_at)`.execute(
        db,
      )
    },
  },
}

/** In order. */
export const migrationNames: readonly string[] = Object.keys(migrations)

export const migrationProvider: MigrationProvider = { getMigrations: async () => migrations }
