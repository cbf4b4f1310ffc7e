import { uploadLimitBytes } from './defaults.ts'

/** The version of the protocol that is spoken: https://tus.io/protocols/resumable-upload. */
export const tusVersion = '1.0.0'

/** What answers about resumable uploads say of the server, those to `OPTIONS` among them. */
export const tusHeaders = {
  'tus-resumable': tusVersion,
  'tus-version': tusVersion,
  'tus-extension': 'creation,creation-with-upload,creation-defer-length,expiration,termination,checksum',
  'tus-checksum-algorithm': 'sha1,sha256,md5',
  'tus-max-size': String(uploadLimitBytes),
} as const
