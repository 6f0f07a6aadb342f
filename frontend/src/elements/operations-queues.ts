import { html, type TemplateResult } from "lit"

import type { QueueFigures } from "../client/operations-reports"
import { byQueue, timesOf } from "../client/operations-series"
import { gettext } from "../client/translation"
import { count } from "../client/words"
import { figure, seconds } from "./operations-figures"
import { OperationsPart } from "./operations-part"
import { figuresTable } from "./operations-table"

/** More lines in a chart are not told apart. */
const MOST_LINES = 6

/** What waits, runs, ended and failed in each queue. */
export class OperationsQueues extends OperationsPart {
  protected override render(): TemplateResult {
    const { queues, tellers } = this.state
    const told = tellers.get("queues")
    const columns = [
      gettext("Queue"),
      gettext("Waiting"),
      gettext("Running"),
      gettext("Trying again"),
      gettext("Per minute"),
      gettext("Oldest"),
      gettext("Failed in an hour"),
    ]
    return html`${told ? this.silent(told) : ""} ${figuresTable("queues", columns, queues.map(row))}
      <div class="charts">${this.#charts()}</div>`
  }

  #charts(): TemplateResult[] {
    const times = timesOf(this.state)
    const chart = (heading: string, pick: (queue: QueueFigures) => number) => {
      const lines = byQueue(this.state, times, pick, MOST_LINES)
      return html`<chart-figure
        heading=${heading}
        .times=${times}
        .lines=${lines}
        .format=${figure}
      ></chart-figure>`
    }
    return [
      chart(gettext("Waiting"), ({ waiting }) => waiting),
      chart(gettext("Running"), ({ running }) => running),
      chart(gettext("Finished per minute"), ({ pace_per_minute }) => pace_per_minute),
      chart(gettext("Failures per hour"), ({ failed_per_hour }) => failed_per_hour),
    ]
  }
}

function row(queue: QueueFigures): readonly string[] {
  return [
    queue.queue,
    count(queue.waiting) + (queue.at_least ? "+" : ""),
    count(queue.running),
    count(queue.retrying),
    figure(queue.pace_per_minute),
    seconds(queue.oldest_seconds),
    figure(queue.failed_per_hour),
  ]
}
