// Gzip (RFC 1952).

/** Whether bytes begin as a gzip file does (section 2.3.1: ID1, ID2). */
export function isGzip(start: Uint8Array): boolean {
  return start[0] === 0x1f && start[1] === 0x8b;
}
