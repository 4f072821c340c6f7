import { createHash } from 'node:crypto'

/** The digest of some bytes, in hexadecimal. */
export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
