import { Type, type Static } from '@sinclair/typebox'

/** The size that few distances of one kind exceed: what is usual at most. It is their scale, so that different kinds can be compared. */
export const Level = Type.Object({
  size: Type.Number({ minimum: 0 }),
  count: Type.Integer({ minimum: 0 })
})
export type Level = Static<typeof Level>

/** Distances before one is judged: a day of minutes. */
export const LEVEL_READY = 1_440
const FIRST = 300
/** Of the distances exceed the level. */
const SHARE = 0.005
/** Growth when exceeded; `EAGER / count` while that is more, so that what the first values taught is soon outlived. */
const PACE = 0.01
const EAGER = 150
/** A level stays within this factor of what it met, but doubles at most: one wild value does not deafen it, and a new scale is soon known. */
const REACH = 10
/** Of a distance so many levels carry a mean along. */
const TAMED = 3

export function newLevel (): Level {
  return { size: 0, count: 0 }
}

/** Returns distance / level, >= 0, dimensionless; 0 until the level is ready, and while there was nothing but zeros. */
export function scoreBy ({ size, count }: Level, distance: number): number {
  return count >= LEVEL_READY && size > 0 ? Math.abs(distance) / size : 0
}

/**
 * Has a level learn a distance: a stochastic approximation of the quantile `1 - SHARE` (Robbins and Monro 1951) in steps that are shares
 * of the level, so it has no unit. It forgets by `PACE * SHARE` a value.
 */
export function learnDistance (level: Level, distance: number): void {
  const size = Math.abs(distance)
  level.count++
  level.size = level.count <= FIRST ? Math.max(level.size, size) : nextSize(level, size)
}

function nextSize ({ size: before, count }: Level, size: number): number {
  const pace = Math.max(PACE, EAGER / count)
  if (size <= before) return before * (1 - pace * SHARE)
  if (before === 0) return size
  return Math.min(2 * before, Math.max(before * (1 + pace * (1 - SHARE)), size / REACH))
}

/** What a mean learns of a distance: a wild value must not carry it away. */
export function tamed ({ size, count }: Level, distance: number): number {
  if (count < FIRST || size === 0) return distance
  const most = TAMED * size
  return Math.max(-most, Math.min(most, distance))
}
