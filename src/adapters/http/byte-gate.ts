/** A body's place: held while the body is in memory, or while it waits unread. */
export interface GatePlace {
  /** Gives the bytes back, or leaves the queue; a second call does nothing. */
  readonly leave: () => void
}

export type GateStart = (place: GatePlace) => void

/** Keeps the bytes of all bodies in memory below a bound; above it bodies wait in the order in which they came. */
export interface ByteGate {
  /** Calls `start` with the place: before it returns if there is room, else as soon as there is. */
  readonly enter: (bytes: number, start: GateStart) => GatePlace
  readonly inFlightBytes: () => number
  readonly waiting: () => number
}

export interface ByteGateLimits {
  readonly inFlightBytes: number
  readonly smallInFlightBytes: number
  readonly smallBodyBytes: number
}

/**
 * Two lanes, so that small bodies never wait behind large ones; together they never hold more than `inFlightBytes`.
 *
 * | body | lane | bound |
 * |---|---|---|
 * | up to `smallBodyBytes` | small | `smallInFlightBytes` |
 * | larger | large | `inFlightBytes` less `smallInFlightBytes` |
 */
export function createByteGate (limits: ByteGateLimits): ByteGate {
  const small = createLane(limits.smallInFlightBytes)
  const large = createLane(limits.inFlightBytes - limits.smallInFlightBytes)
  return {
    enter: (bytes, start) => (bytes <= limits.smallBodyBytes ? small : large).enter(bytes, start),
    inFlightBytes: () => small.inFlightBytes() + large.inFlightBytes(),
    waiting: () => small.waiting() + large.waiting()
  }
}

interface Waiting extends GatePlace {
  readonly bytes: number
  readonly start: GateStart
  state: 'waiting' | 'inside' | 'left'
}

function createLane (bound: number): ByteGate {
  let held = 0
  // A Set keeps the order of arrival and lets one that gave up leave from the middle.
  const queue = new Set<Waiting>()

  // A body above the whole bound would wait for ever, so it goes alone.
  const hasRoom = (bytes: number): boolean => held === 0 || held + bytes <= bound

  function admit (place: Waiting): void {
    held += place.bytes
    place.state = 'inside'
    place.start(place)
  }

  function admitWaiting (): void {
    for (const place of queue) {
      if (!hasRoom(place.bytes)) return
      queue.delete(place)
      admit(place)
    }
  }

  function leave (place: Waiting): void {
    const { state } = place
    place.state = 'left'
    if (state === 'waiting') queue.delete(place)
    if (state === 'inside') held -= place.bytes
    if (state !== 'left' && queue.size > 0) admitWaiting()
  }

  return {
    enter: (bytes, start) => {
      const place: Waiting = { bytes, start, state: 'waiting', leave: () => { leave(place) } }
      if (queue.size === 0 && hasRoom(bytes)) admit(place)
      else queue.add(place)
      return place
    },
    inFlightBytes: () => held,
    waiting: () => queue.size
  }
}
