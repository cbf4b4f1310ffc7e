import type { Migration } from './migration.ts'

/** Which secret a webhook is signed with, and until when the one before it signs too. */
export const webhookSecrets: Migration = {
  version: 30,
  name: 'webhook secrets',
  statements: (dialect) => {
    const integer = dialect === 'sqlite' ? 'integer' : 'bigint'
    return [
      `alter table webhooks add column secret_number ${integer} not null default 0`,
      `alter table webhooks add column previous_until ${integer}`,
    ]
  },
}
