/** The checksum of zip files. The second argument: that of the bytes before. */
export { crc32 } from 'node:zlib'
