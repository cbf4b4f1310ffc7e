import { insertMany } from '../db/insert-many.ts'

/** Adds events that nobody was told of yet. */
export const insertEvents = insertMany('events', [
  'id',
  'account_id',
  'kind',
  'at',
  'key_id',
  'group_id',
  'data',
  'position',
])
