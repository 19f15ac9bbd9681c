import { setTimeout as pause } from 'node:timers/promises'

const tries = 100
const pauseMs = 100

/**
 * Asks again until the answer is yes, at most 100 times: for what no event tells, as when the API server has heard of a
 * webhook configuration.
 *
 * @param complaint of the error when it never is.
 */
export async function askUntil (isTrue: () => Promise<boolean>, complaint: string): Promise<void> {
  for (let count = 0; count < tries; count += 1) {
    if (await isTrue()) return
    await pause(pauseMs)
  }
  throw new Error(`${complaint}: still so after ${tries} tries`)
}
