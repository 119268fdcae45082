/** The process that makes a zip archive: the service starts it, gives it a folder and an order, and reads the archive. */
import { zipFolder } from './disk/trees/zip-folder.ts'

await zipFolder()
