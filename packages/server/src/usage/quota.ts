import type { Db } from '../db/database.ts'
import { fileTooLarge } from '../keys/upload-bounds.ts'
import { AppError } from '../lib/errors.ts'
import type { Services } from '../services.ts'
import { findAccountBounds, findAccountRoom, lockAccountRoom, type AccountRoom } from './queries.ts'
import type { Reservation } from './reservations.ts'

/** How much is asked for at once when the length of an upload is not known. */
const stepBytes = 8 * 1024 * 1024
/** What a form takes beside its files; nobody is refused beforehand for that. */
const formBytes = 64 * 1024
const formShare = 1 / 8

/**
 * The room of one upload. Bytes are promised before they are taken, and again checked exactly when the file is kept
 * (`requireRoom`). Release it whatever becomes of the upload.
 */
export class UploadRoom {
  readonly #services: Pick<Services, 'db' | 'reservations'>
  readonly #accountId: string
  readonly #reservation: Reservation | undefined
  readonly #mostBytes: number
  #takenBytes = 0

  /** `mostBytes`: what the key may bring at once. */
  constructor(
    services: Pick<Services, 'db' | 'reservations'>,
    accountId: string,
    isBounded: boolean,
    mostBytes = Infinity,
  ) {
    this.#mostBytes = mostBytes
    this.#services = services
    this.#accountId = accountId
    this.#reservation = isBounded ? services.reservations.open(accountId) : undefined
  }

  /** Says how long the body will be. Throws `quota_reached` when its content can surely not be kept. */
  async expect(bodyBytes: number): Promise<void> {
    if (bodyBytes - formBytes - bodyBytes * formShare > this.#mostBytes) throw fileTooLarge(this.#mostBytes)
    if (this.#reservation === undefined) return
    const { availableBytes, room } = await this.#look()
    if (bodyBytes - formBytes - bodyBytes * formShare > availableBytes) throw quotaReached(room, bodyBytes)
    this.#reservation.add(Math.max(0, Math.min(bodyBytes, availableBytes)))
  }

  /** Counts bytes of content that came in. A promise means: wait before more is taken. Throws `quota_reached`. */
  take(bytes: number): Promise<void> | void {
    this.#takenBytes += bytes
    if (this.#takenBytes > this.#mostBytes) throw fileTooLarge(this.#mostBytes)
    if (this.#reservation !== undefined && this.#takenBytes > this.#reservation.bytes) {
      return this.#grow(this.#reservation)
    }
  }

  /** Gives back what was promised. */
  release(): void {
    this.#reservation?.release()
  }

  async #grow(reservation: Reservation): Promise<void> {
    const { availableBytes, room } = await this.#look()
    const missing = this.#takenBytes - reservation.bytes
    if (missing > availableBytes) throw quotaReached(room, this.#takenBytes)
    reservation.add(Math.min(availableBytes, missing + stepBytes))
  }

  /** What nobody uses and nobody was promised, as far as this process can see; of the room, what others were promised is kept. */
  async #look(): Promise<{ availableBytes: number; room: AccountRoom }> {
    const room = await getAccountRoom(this.#services.db.read, this.#accountId)
    if (room.quota_bytes === null) return { availableBytes: Number.MAX_SAFE_INTEGER, room }
    const promised = this.#services.reservations.promised(this.#accountId)
    const availableBytes = room.quota_bytes - room.used_bytes - room.reserved_bytes - promised
    const ofOthers = promised - (this.#reservation?.bytes ?? 0)
    return { availableBytes, room: { ...room, reserved_bytes: room.reserved_bytes + ofOthers } }
  }
}

/** What bounds an upload of the account before its bytes are there. Throws `not_found` when the account is gone. */
export async function getAccountBounds(db: Db, accountId: string) {
  const bounds = await findAccountBounds(db, accountId)
  if (bounds === undefined) throw new AppError('not_found', 'There is no such account')
  return bounds
}

/** The room of the account. Throws `not_found` when the account is gone. */
export async function getAccountRoom(db: Db, accountId: string): Promise<AccountRoom> {
  const room = await findAccountRoom(db, accountId)
  if (room === undefined) throw new AppError('not_found', 'There is no such account')
  return room
}

/**
 * Throws `quota_reached` when `bytes` more do not fit into the account, `public_content_refused` when they are to be
 * public and the account says no: in the write that keeps them, before anything else of it, so that it holds exactly.
 * Gives back what room there was.
 */
export async function requireRoom(
  tx: Db,
  { accountId, isPublic, bytes }: { accountId: string; isPublic: boolean; bytes: number },
): Promise<AccountRoom> {
  const room = await lockAccountRoom(tx, accountId)
  if (room === undefined) throw new AppError('not_found', 'There is no such account')
  requireRoomIn(room, { isPublic, bytes })
  return room
}

/** As `requireRoom`, in a room that was looked at in this write with its account locked. */
export function requireRoomIn(room: AccountRoom, { isPublic, bytes }: { isPublic: boolean; bytes: number }): void {
  if (isPublic) requirePublicAllowed(room)
  if (room.quota_bytes !== null && room.used_bytes + room.reserved_bytes + bytes > room.quota_bytes)
    throw quotaReached(room, bytes)
}

/** Throws `public_content_refused` when the account's setting says so. */
export function requirePublicAllowed(room: Pick<AccountRoom, 'public_content'>): void {
  if (room.public_content !== 'refused') return
  throw new AppError(
    'public_content_refused',
    'This account keeps everything private (its setting publicContent is "refused"). Upload with network "private" by POST /v3/files, or ask the operator to change the setting.',
  )
}

/** The refusal, with its numbers. */
export function quotaReached(room: AccountRoom, bytes: number): AppError {
  const { quota_bytes, used_bytes, reserved_bytes } = room
  const quota = { limitBytes: quota_bytes, usedBytes: used_bytes, neededBytes: bytes }
  const reserved = reserved_bytes === 0 ? '' : ` and ${reserved_bytes} are kept for unfinished uploads`
  return new AppError(
    'quota_reached',
    `The account's quota is reached: ${used_bytes} of ${quota_bytes} bytes are used${reserved}, and this content wants at least ${bytes}. Delete files, or ask the operator for more.`,
    { facts: { quota } },
  )
}
