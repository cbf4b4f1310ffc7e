import { type FileOps, systemFileOps } from './file-ops.ts'

const pageBytes = 4096

/** The machine's file operations with a way in between, for tests of what happens when they fail, fall short or wait. */
export class FaultyFileOps implements FileOps {
  /** What runs in place of an operation; it may call the machine's own in `systemFileOps`. */
  readonly instead: Partial<FileOps> = {}
  /** How often each operation was called. */
  readonly calls = new Map<keyof FileOps, number>()

  open: FileOps['open'] = (...args) => this.#pick('open')(...args)
  close: FileOps['close'] = (...args) => this.#pick('close')(...args)
  writev: FileOps['writev'] = (...args) => this.#pick('writev')(...args)
  openDirect: FileOps['openDirect'] = (...args) => this.#pick('openDirect')(...args)
  writeDirect: FileOps['writeDirect'] = (...args) => this.#pick('writeDirect')(...args)
  read: FileOps['read'] = (...args) => this.#pick('read')(...args)
  fdatasync: FileOps['fdatasync'] = (...args) => this.#pick('fdatasync')(...args)
  ftruncate: FileOps['ftruncate'] = (...args) => this.#pick('ftruncate')(...args)
  sizeOf: FileOps['sizeOf'] = (...args) => this.#pick('sizeOf')(...args)
  unlink: FileOps['unlink'] = (...args) => this.#pick('unlink')(...args)
  isUnlinked: FileOps['isUnlinked'] = (...args) => this.#pick('isUnlinked')(...args)
  syncDirectory: FileOps['syncDirectory'] = (...args) => this.#pick('syncDirectory')(...args)
  space: FileOps['space'] = (...args) => this.#pick('space')(...args)

  /** Calls of an operation so far. */
  count(operation: keyof FileOps): number {
    return this.calls.get(operation) ?? 0
  }

  /** Everything works again. */
  restore(): void {
    for (const operation of Object.keys(this.instead)) Reflect.deleteProperty(this.instead, operation)
  }

  /** The next call of this operation throws the system's error of that code and does nothing. */
  failNext(operation: keyof FileOps, code: string): void {
    Object.assign(this.instead, {
      [operation]: () => {
        delete this.instead[operation]
        return Promise.reject(systemError(code))
      },
    })
  }

  /** Writes take so many bytes more, then one fails with that code; past the page cache they take whole pages only. */
  failWriteAfter(sizeBytes: number, code: string): void {
    let left = sizeBytes
    const takes = (count: number) => {
      const taken = Math.min(left, count)
      left -= taken
      if (taken > 0 || count === 0) return taken
      delete this.instead.writev
      delete this.instead.writeDirect
      throw systemError(code)
    }
    const isPretended = this.instead.writeDirect === strictWrite
    this.instead.writev = async (fd, pieces, position) => {
      const bytes = Buffer.concat(pieces)
      return systemFileOps.writev(fd, [bytes.subarray(0, takes(bytes.length))], position)
    }
    this.instead.writeDirect = async (fd, bytes, position) => {
      left -= left % pageBytes
      const taken = bytes.subarray(0, takes(bytes.length))
      return isPretended ? strictWrite(fd, taken, position) : systemFileOps.writeDirect(fd, taken, position)
    }
  }

  /** Direct writes that every file system takes, and that are as strict as those of a device. */
  pretendDirect(): void {
    this.instead.openDirect = (path) => systemFileOps.open(path, 'r+')
    this.instead.writeDirect = strictWrite
  }

  /** The next call of this operation waits until the returned function is called, then runs. `begun` resolves when it is there. */
  hold(operation: 'writev' | 'writeDirect' | 'fdatasync' | 'read'): { begun: Promise<void>; release: () => void } {
    const begun = Promise.withResolvers<void>()
    const gate = Promise.withResolvers<void>()
    Object.assign(this.instead, {
      [operation]: async (...args: never[]) => {
        delete this.instead[operation]
        begun.resolve()
        await gate.promise
        return Reflect.apply(systemFileOps[operation], systemFileOps, args)
      },
    })
    return { begun: begun.promise, release: gate.resolve }
  }

  #pick<K extends keyof FileOps>(operation: K): FileOps[K] {
    this.calls.set(operation, this.count(operation) + 1)
    return this.instead[operation] ?? systemFileOps[operation]
  }
}

/** A direct write as `pretendDirect` has them. */
export function strictWrite(fd: number, bytes: Uint8Array, position: number): Promise<number> {
  const isWhole = position % pageBytes === 0 && bytes.length % pageBytes === 0
  return isWhole ? systemFileOps.writev(fd, [bytes], position) : Promise.reject(systemError('EINVAL'))
}

/** An error as the system throws it. */
function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: made by a test`), { code })
}
