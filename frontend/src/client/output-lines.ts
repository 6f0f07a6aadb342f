/** What a job said, line by line, and how a person looks through it. Pure. */

import { isRecord } from "./protocol"

/** `n` counts from 1, without a gap, over all attempts; `at` is ISO 8601. */
export interface Line {
  readonly n: number
  readonly at: string
  readonly level: string
  readonly text: string
  readonly attempt: number
}

/** What tells of new lines; the lines themselves only where they are few. */
export interface Logged {
  readonly job: string
  readonly first: number
  readonly last: number
  readonly lines: readonly Line[] | undefined
}

export interface OutputPage {
  readonly lines: readonly Line[]
  readonly last: number
}

/** A step's line heads those that follow it; a cut one says that the rest is not kept. */
export const STEP = "step"
const SEVERITY = ["debug", "info", "warning", "error"]
/** Colours and cursor moves of a terminal (ECMA-48), and its titles and links. */
const CONTROLS = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])/g

/** Read an update; undefined if it tells of anything else. */
export function readLogged(publication: unknown): Logged | undefined {
  if (!isRecord(publication) || publication["type"] !== "job.logged") return undefined
  const { job, first, last, lines } = publication
  if (!isRecord(job) || typeof job["id"] !== "string") return undefined
  if (typeof first !== "number" || typeof last !== "number") return undefined
  return { job: job["id"], first, last, lines: areLines(lines) ? lines : undefined }
}

/** Read an answer of the API; undefined if it makes no sense. */
export function readPage(answer: unknown): OutputPage | undefined {
  if (!isRecord(answer) || !areLines(answer["lines"])) return undefined
  const { lines, last } = answer
  return typeof last === "number" ? { lines, last } : undefined
}

/** A line's text without what is meant for a terminal. */
export function plain(text: string): string {
  return text.replace(CONTROLS, "")
}

/** Whether a line is at least as serious as `least`; steps always are. */
export function isSerious({ level }: Line, least: string): boolean {
  if (level === STEP) return true
  const severity = level === "cut" ? SEVERITY.indexOf("warning") : SEVERITY.indexOf(level)
  return severity < 0 || severity >= SEVERITY.indexOf(least)
}

/** How long each step took, in milliseconds by its line's number: until the next one, or until
 *  `end`. One that still goes on, or that was broken off with its attempt, is not among them. */
export function stepDurations(lines: readonly Line[], end: string | null): Map<number, number> {
  const steps = lines.filter(({ level }) => level === STEP)
  return new Map(
    steps.flatMap(({ n, at, attempt }, place) => {
      const next = steps[place + 1]
      const until = next ? next.attempt === attempt && next.at : end
      return until ? [[n, Date.parse(until) - Date.parse(at)] as const] : []
    }),
  )
}

/** A text in parts, every second of which is what is searched for. */
export function split(text: string, query: string): string[] {
  if (!query) return [text]
  const [parts, low, wanted] = [[] as string[], text.toLowerCase(), query.toLowerCase()]
  let from = 0
  // Some letters change their length with their case: then nothing can be marked in the line.
  if (low.length !== text.length) return [text]
  for (let at = low.indexOf(wanted); at >= 0; at = low.indexOf(wanted, from)) {
    parts.push(text.slice(from, at), text.slice(at, at + wanted.length))
    from = at + wanted.length
  }
  return [...parts, text.slice(from)]
}

export function holds({ text }: Line, query: string): boolean {
  return plain(text).toLowerCase().includes(query.toLowerCase())
}

/** The lines at least as serious as `least` that hold what is searched; none where nothing is. */
export function hits(lines: readonly Line[], query: string, least: string): Line[] {
  return query ? lines.filter((line) => isSerious(line, least) && holds(line, query)) : []
}

function areLines(value: unknown): value is Line[] {
  return Array.isArray(value) && value.every(isLine)
}

function isLine(value: unknown): value is Line {
  if (!isRecord(value)) return false
  const { n, at, level, text } = value
  return [
    typeof n === "number",
    ...[at, level, text].map((each) => typeof each === "string"),
  ].every(Boolean)
}
