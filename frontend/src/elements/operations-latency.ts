import { html, svg, type TemplateResult } from "lit"

import { STAGES, type Quantiles, type Stage } from "../client/operations-reports"
import { slowest, timesOf } from "../client/operations-series"
import { asWeb, servers, silence } from "../client/operations-state"
import { gettext } from "../client/translation"
import { milliseconds } from "./operations-figures"
import { OperationsPart, useOperations } from "./operations-part"
import { figuresTable, type Cell } from "./operations-table"

const NAMES: Readonly<Record<Stage, () => string>> = {
  commit_to_publish: () => gettext("Commit to Redis"),
  publish_to_write: () => gettext("Redis to the server's write"),
  write_to_receive: () => gettext("Write to the page"),
  receive_to_show: () => gettext("Page to screen"),
  commit_to_screen: () => gettext("All of it"),
}

/** How long an event takes from its transaction to a screen, and where that time goes. */
export class OperationsLatency extends OperationsPart {
  protected override render(): TemplateResult {
    const stages: readonly Stage[] = [...STAGES, "commit_to_screen"]
    const found = stages.map((stage) => [stage, this.#worst(stage)] as const)
    const longest = Math.max(...found.map(([, { p99 }]) => p99 ?? 0), 0.001)
    const columns = [
      gettext("Stage"),
      gettext("Half within"),
      gettext("99 of 100 within"),
      gettext("Where the time goes"),
    ]
    const rows = found.map(([stage, each]) => row(stage, each, longest))
    return html`${figuresTable("latency", columns, rows)}
      <p class="quiet">${gettext("Of the last five minutes, as the slowest server has it.")}</p>
      <div class="charts">${this.#chart()}</div>`
  }

  /** A server that suffers must not be averaged away. */
  #worst(stage: Stage): Quantiles {
    const { asOf } = useOperations()
    const known = servers(this.state)
      .filter((teller) => !silence(teller, asOf))
      .map((teller) => asWeb(teller).latency[stage])
      .filter((each) => each !== undefined && each.p99 !== null)
    const slower = (one: Quantiles, other: Quantiles) =>
      (other.p99 ?? 0) > (one.p99 ?? 0) ? other : one
    return known.reduce(slower, { p50: null, p99: null })
  }

  #chart(): TemplateResult {
    const times = timesOf(this.state)
    const line = (name: string, quantile: "p50" | "p99") => ({
      name,
      values: slowest(this.state, times, "commit_to_screen", quantile),
    })
    const lines = [line(gettext("Half within"), "p50"), line(gettext("99 of 100 within"), "p99")]
    return html`<chart-figure
      heading=${gettext("From commit to screen")}
      .times=${times}
      .lines=${lines}
      .format=${milliseconds}
    ></chart-figure>`
  }
}

function row(stage: Stage, { p50, p99 }: Quantiles, longest: number): readonly Cell[] {
  const bar = (value: number | null) => ((value ?? 0) / longest) * 100
  const picture = html`<svg
    class="bar"
    viewBox="0 0 100 8"
    preserveAspectRatio="none"
    aria-hidden="true"
  >
    ${svg`<rect class="most" width=${bar(p99)} y="2" height="4" />`}
    ${svg`<rect class="half" width=${bar(p50)} height="8" />`}
  </svg>`
  return [NAMES[stage](), milliseconds(p50), milliseconds(p99), picture]
}
