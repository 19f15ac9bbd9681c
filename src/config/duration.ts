const durationForm = /^(?=\d)(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?(?:(\d{1,6})ms)?$/

const unitMs = [3_600_000, 60_000, 1_000, 1] as const
const unitNames = ['h', 'm', 's', 'ms'] as const

/**
 * Seconds of a duration as the configuration writes it: hours, minutes, seconds and milliseconds, each at most once
 * and in this order (`2s`, `1h30m`, `500ms`). Undefined for anything else; there is no unit by default.
 */
export function parseDuration (text: string): number | undefined {
  const found = durationForm.exec(text)
  if (found === null) return undefined
  return unitMs.reduce((sum, ms, index) => sum + Number(found[index + 1] ?? 0) * ms, 0) / 1000
}

/** The shortest text that `parseDuration` reads as these seconds (0 or more, in whole milliseconds): `1m30s` for 90. */
export function formatDuration (seconds: number): string {
  let restMs = Math.round(seconds * 1000)
  if (restMs === 0) return '0s'
  return unitMs.map((ms, index) => {
    const count = Math.floor(restMs / ms)
    restMs -= count * ms
    return count === 0 ? '' : `${count}${unitNames[index]}`
  }).join('')
}
