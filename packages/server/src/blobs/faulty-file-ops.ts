import { type FileOps, systemFileOps } from './file-ops.ts'

/** The machine's file operations with a way in between, for tests of what happens when they fail, fall short or wait. */
export class FaultyFileOps implements FileOps {
  /** What runs in place of an operation; it may call the machine's own in `systemFileOps`. */
  readonly instead: Partial<FileOps> = {}
  /** How often each operation was called. */
  readonly calls = new Map<keyof FileOps, number>()

  open: FileOps['open'] = (...args) => this.#pick('open')(...args)
  close: FileOps['close'] = (...args) => this.#pick('close')(...args)
  writev: FileOps['writev'] = (...args) => this.#pick('writev')(...args)
  read: FileOps['read'] = (...args) => this.#pick('read')(...args)
  fdatasync: FileOps['fdatasync'] = (...args) => this.#pick('fdatasync')(...args)
  ftruncate: FileOps['ftruncate'] = (...args) => this.#pick('ftruncate')(...args)
  sizeOf: FileOps['sizeOf'] = (...args) => this.#pick('sizeOf')(...args)
  unlink: FileOps['unlink'] = (...args) => this.#pick('unlink')(...args)
  syncDirectory: FileOps['syncDirectory'] = (...args) => this.#pick('syncDirectory')(...args)
  space: FileOps['space'] = (...args) => this.#pick('space')(...args)

  /** Calls of an operation so far. */
  count(operation: keyof FileOps): number {
    return this.calls.get(operation) ?? 0
  }

  /** Everything works again. */
  restore(): void {
    for (const operation of this.calls.keys()) delete this.instead[operation]
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

  /** The next write takes only `sizeBytes`; the one after it fails with that code. */
  failWriteAfter(sizeBytes: number, code: string): void {
    this.instead.writev = async (fd, pieces, position) => {
      this.failNext('writev', code)
      const written = Buffer.concat(pieces).subarray(0, sizeBytes)
      if (written.length === 0) return this.writev(fd, pieces, position)
      return systemFileOps.writev(fd, [written], position)
    }
  }

  /** The next call of this operation waits until the returned function is called, then runs. `begun` resolves when it is there. */
  hold(operation: 'writev' | 'fdatasync' | 'read'): { begun: Promise<void>; release: () => void } {
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

/** An error as the system throws it. */
function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: made by a test`), { code })
}
