/** Numbers, times and states in words, in the page's language. */

import type { JobState, Progress } from "./protocol"
import { gettext, language } from "./translation"

// Functions, since the translations come after this file is read.
const STATES: Readonly<Record<JobState, () => string>> = {
  queued: () => gettext("Waiting"),
  running: () => gettext("Running"),
  retrying: () => gettext("Trying again soon"),
  succeeded: () => gettext("Done"),
  failed: () => gettext("Failed"),
  cancelled: () => gettext("Cancelled"),
}

const KINDS: Readonly<Record<string, () => string>> = {
  reports: () => gettext("Report"),
  images: () => gettext("Pictures"),
  mail: () => gettext("Mailing"),
}

export function stateInWords(state: JobState): string {
  return STATES[state]?.() ?? state
}

/** A state, and of a job that was cancelled how far it came. */
export function standingInWords(state: JobState, progress: Progress | null): string {
  const part = state === "cancelled" && progress ? share(progress) : undefined
  if (part === undefined) return stateInWords(state)
  return gettext("Cancelled at {percent}", { percent: percent(part) })
}

/** A kind without a name of its own is shown as it is called: `weekly_export` → Weekly export. */
export function kindInWords(kind: string): string {
  const words = kind.replaceAll("_", " ")
  return KINDS[kind]?.() ?? words.charAt(0).toUpperCase() + words.slice(1)
}

export function count(value: number): string {
  return new Intl.NumberFormat(language(), { maximumFractionDigits: 0 }).format(value)
}

/** A measured value with as many digits as a person can use. */
export function measure(value: number): string {
  const digits =
    Math.abs(value) >= 10_000 ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 5 }
  return new Intl.NumberFormat(language(), digits).format(value)
}

export function bytes(size: number): string {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"] as const
  const step = size < 1000 ? 0 : Math.min(3, Math.floor(Math.log10(size) / 3))
  const unit = units[step] ?? "byte"
  const options = {
    style: "unit",
    unit,
    unitDisplay: step ? "short" : "long",
    maximumFractionDigits: 1,
  } as const
  return new Intl.NumberFormat(language(), options).format(size / 1000 ** step)
}

/** How far, as a share from 0 to 1; undefined while the total is unknown. */
export function share({ current, total }: Progress): number | undefined {
  return total && total > 0 ? Math.min(1, Math.max(0, current / total)) : undefined
}

export function percent(part: number): string {
  return new Intl.NumberFormat(language(), { style: "percent" }).format(
    Math.floor(part * 100) / 100,
  )
}

/** Kinds of jobs that count their progress in bytes. */
const COUNTED_IN_BYTES: ReadonlySet<string> = new Set(["reports"])

export function rateInWords(rate: number, kind = ""): string {
  if (COUNTED_IN_BYTES.has(kind)) return gettext("{rate} per second", { rate: bytes(rate) })
  const digits = new Intl.NumberFormat(language(), { maximumSignificantDigits: 2 })
  return rate >= 1
    ? gettext("{rate} per second", { rate: digits.format(rate) })
    : gettext("{rate} per minute", { rate: digits.format(rate * 60) })
}

/** The estimate of the end: rounded, since it is one. */
export function etaInWords(seconds: number): string {
  if (seconds < 3) return gettext("almost done")
  if (seconds < 55) return gettext("about {n} s left", { n: Math.ceil(seconds / 5) * 5 })
  if (seconds < 90) return gettext("about a minute left")
  if (seconds < 3_600) return gettext("about {n} min left", { n: Math.round(seconds / 60) })
  return gettext("about {n} h left", { n: measure(Math.round(seconds / 360) / 10) })
}

/** How long ago `time` is, both in milliseconds since 1970. */
export function agoInWords(time: number, now: number): string {
  const seconds = Math.max(0, (now - time) / 1000)
  if (seconds < 45) return gettext("just now")
  const relative = new Intl.RelativeTimeFormat(language(), { numeric: "auto" })
  if (seconds < 3_570) return relative.format(-Math.max(1, Math.round(seconds / 60)), "minute")
  if (seconds < 84_600) return relative.format(-Math.round(seconds / 3_600), "hour")
  return relative.format(-Math.round(seconds / 86_400), "day")
}

/** How long it took, in milliseconds. */
export function durationInWords(milliseconds: number): string {
  const seconds = milliseconds / 1000
  if (seconds < 10) return gettext("{n} s", { n: measure(Math.round(seconds * 10) / 10) })
  if (seconds < 90) return gettext("{n} s", { n: Math.round(seconds) })
  const whole = Math.round(seconds)
  if (whole >= 3_600) return longDuration(Math.round(seconds / 60))
  return gettext("{minutes} min {seconds} s", {
    minutes: Math.floor(whole / 60),
    seconds: whole % 60,
  })
}

function longDuration(minutes: number): string {
  return gettext("{hours} h {minutes} min", {
    hours: count(Math.floor(minutes / 60)),
    minutes: minutes % 60,
  })
}
