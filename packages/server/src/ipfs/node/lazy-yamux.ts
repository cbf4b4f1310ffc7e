import type { StreamMuxer, StreamMuxerFactory } from '@libp2p/interface'
import { yamux, type YamuxMuxerInit } from '@libp2p/yamux'

/** Room that a sender has; what comes is taken at once, so little of it waits in memory. */
const windowBytes = 2 * 1024 * 1024

/** What streams and multiplexers of `@libp2p/yamux` have beside the common interface; its version is pinned. */
interface YamuxStream {
  recvWindow: number
  readonly recvWindowCapacity: number
  sendWindowUpdate(): void
}
interface YamuxMuxer extends StreamMuxer {
  _newStream(id: number, ...rest: unknown[]): YamuxStream
}

/**
 * yamux that gives a sender room for 2 MiB, and new room when half of it is used, as other implementations do. By
 * itself the package says after each frame how much was used, in small frames that are each encrypted and written by
 * themselves, and lets a sender wait for each 256 KiB: Go peers open a stream for each block, which is as large.
 */
export function lazyYamux(init: YamuxMuxerInit) {
  const make = yamux(init)
  return (): StreamMuxerFactory => {
    const factory = make()
    const create = factory.createStreamMuxer.bind(factory)
    return Object.assign(factory, {
      createStreamMuxer: (...args: Parameters<typeof create>) => {
        const muxer = create(...args) as unknown as YamuxMuxer // private there; the version is pinned
        // oxlint-disable-next-line no-underscore-dangle -- the only place where it makes streams
        const newStream = muxer._newStream.bind(muxer)
        // oxlint-disable-next-line no-underscore-dangle -- as above
        muxer._newStream = (...given) => useLazyWindow(newStream(...given))
        return muxer
      },
    })
  }
}

function useLazyWindow(stream: YamuxStream): YamuxStream {
  const send = stream.sendWindowUpdate.bind(stream)
  let isOpened = false
  stream.sendWindowUpdate = () => {
    // The first one opens the stream, whatever room there is.
    if (isOpened && stream.recvWindowCapacity * 2 > stream.recvWindow) return
    isOpened = true
    send()
  }
  stream.recvWindow = Math.max(stream.recvWindow, windowBytes)
  return stream
}
