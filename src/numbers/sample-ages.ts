const DAY_MS = 86_400_000
const RAW_DAYS = 2
const HOURS_DAYS = 400

/** How long samples are kept as they are, by the minute and by the hour, in ms. */
export interface SampleAges {
  samplesMs: number
  minutesMs: number
  hoursMs: number
}

/** Minutes stay as long as events do, so that both tell of the same time; single samples two days at most, hours over a year. */
export function sampleAges (retentionDays: number): SampleAges {
  return {
    samplesMs: Math.min(RAW_DAYS, retentionDays) * DAY_MS,
    minutesMs: retentionDays * DAY_MS,
    hoursMs: Math.max(HOURS_DAYS, retentionDays) * DAY_MS
  }
}
