/** A client's journal, as tests/chaos/records.py describes it. */

import { appendFileSync, closeSync, openSync } from "node:fs"
import { join } from "node:path"

export class Journal {
  #file

  constructor(folder, name) {
    this.#file = openSync(join(folder, `client-${name}.jsonl`), "a")
  }

  /** Append one record; a whole line in one write. */
  write(op, record) {
    appendFileSync(this.#file, JSON.stringify({ op, t: now(), ...record }) + "\n")
  }

  close() {
    closeSync(this.#file)
  }
}

/** What a record tells of an event's own fields; `at` only of one that was applied. */
export function told({ type, job, at }, isApplied = false) {
  return { type, job: job?.id ?? null, ...(isApplied ? { at: at ?? "" } : {}) }
}

/** CLOCK_MONOTONIC in seconds, the clock that all programs of one machine share. */
function now() {
  return Number(process.hrtime.bigint()) / 1e9
}
