/** Figures of operations in words, in the page's language. */

import type { Operations } from "../client/operations-state"
import { language } from "../client/translation"
import { durationInWords, kindInWords } from "../client/words"

export const NONE = "–"

/** What a kind of job is called; one that the site does not declare, by its own last word. */
export function called({ names }: Operations, kind: string): string {
  return names[kind] ?? kindInWords(kind.split(".").pop() || kind)
}

/** A rate, or a count that is scaled: one digit behind the point below ten. */
export function figure(value: number): string {
  const digits = { maximumFractionDigits: Math.abs(value) < 10 ? 1 : 0 }
  return new Intl.NumberFormat(language(), digits).format(value)
}

export function milliseconds(value: number | null | undefined): string {
  if (value === null || value === undefined) return NONE
  const options = {
    style: "unit",
    unit: "millisecond",
    maximumFractionDigits: value < 10 ? 2 : value < 100 ? 1 : 0,
  } as const
  return new Intl.NumberFormat(language(), options).format(value)
}

export function seconds(value: number | null): string {
  return value === null ? NONE : durationInWords(Math.round(value) * 1000)
}

/** `time` is in milliseconds since 1970. */
export function clock(time: number): string {
  return new Intl.DateTimeFormat(language(), { timeStyle: "medium" }).format(time)
}

/** A time to come: without its date where that is today. */
export function moment(time: number, now = Date.now()): string {
  const isToday = new Date(time).toDateString() === new Date(now).toDateString()
  const date = isToday ? {} : ({ dateStyle: "medium" } as const)
  return new Intl.DateTimeFormat(language(), { ...date, timeStyle: "short" }).format(time)
}
