import { type Scene, undo } from './scene.ts'

/** A disk of the lab: an ext4 file system in a file, behind a loop device. */
export type Disk = { mount(path: string): Promise<void>; unmount(path: string): Promise<void> }

export async function attachDisk(scene: Scene): Promise<Disk> {
  const file = `${scene.folder}/disk.img`
  await scene.must('truncate', '--size', '64M', file)
  await scene.must('mkfs.ext4', '-q', file)
  // All mounts share one device: a second device on the same file would be a second, hostile writer.
  const device = await scene.must('losetup', '--find', '--show', file)
  scene.defer(() => undo('losetup', '--detach', device))
  return {
    async mount(path) {
      await scene.must('mkdir', '--parents', path)
      await scene.act('mount', device, path)
      scene.defer(() => undo('umount', '--lazy', path))
      await scene.must('rm', '--recursive', '--force', `${path}/lost+found`)
    },
    // Lazily: programs keep the files that they have open, as when a disk is just taken away.
    async unmount(path) {
      await scene.act('umount', '--lazy', path)
    },
  }
}
