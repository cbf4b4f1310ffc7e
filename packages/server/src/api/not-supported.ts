import { routes } from '@pinyon/contract/routes.ts'
import { door, type Door } from '../http/door.ts'
import { AppError } from '../lib/errors.ts'

const noVectors = () => {
  throw new AppError(
    'not_supported',
    'This server has no vector search: files are stored and served, and nothing is made of what they say.',
  )
}

const noPayments = () => {
  throw new AppError(
    'not_supported',
    'This server sells nothing, so there are no x402 payment instructions. Files are shared by links and gateways.',
  )
}

/** What Pinata has and this server does not: a clear 501 (reference of Pinata's wire, vectors and x402). */
export const notSupportedDoors: readonly Door[] = [
  door(routes.vectorsAdd, noVectors),
  door(routes.vectorsDelete, noVectors),
  door(routes.vectorsQuery, noVectors),
  door(routes.x402List, noPayments),
  door(routes.x402Create, noPayments),
  door(routes.x402Get, noPayments),
  door(routes.x402Update, noPayments),
  door(routes.x402Delete, noPayments),
  door(routes.x402Cids, noPayments),
  door(routes.x402AddCid, noPayments),
  door(routes.x402RemoveCid, noPayments),
]
