import { html, type TemplateResult } from "lit"

import { inAll, timesOf } from "../client/operations-series"
import { asWeb, servers, type Teller } from "../client/operations-state"
import { gettext } from "../client/translation"
import { count } from "../client/words"
import { figure, milliseconds } from "./operations-figures"
import { OperationsPart } from "./operations-part"
import { figuresTable, type Cell } from "./operations-table"

/** Each web process, and what all of them do together. */
export class OperationsServers extends OperationsPart {
  protected override render(): TemplateResult {
    const all = servers(this.state)
    if (all.length === 0)
      return html`<p class="empty">${gettext("No server has told of itself.")}</p>`
    const columns = [
      gettext("Process"),
      gettext("WebSockets"),
      gettext("Streams"),
      gettext("Long polls"),
      gettext("Topics"),
      gettext("Events per second"),
      gettext("Requests per second"),
      gettext("Loop delay"),
    ]
    const rows = all.map((teller) => this.#row(teller))
    return html`${figuresTable("servers", columns, rows)}
      <div class="charts">${this.#charts()}</div>`
  }

  #row(teller: Teller): readonly Cell[] {
    const server = asWeb(teller)
    const draining = server.draining ? html` <em>${gettext("stopping")}</em>` : ""
    return [
      html`${server.process}${draining}${this.silent(teller)}`,
      count(server.sockets),
      count(server.streams ?? 0),
      count(server.long_polls ?? 0),
      count(server.topics),
      figure(server.events_per_second),
      figure(server.requests_per_second),
      milliseconds(server.loop_delay_ms),
    ]
  }

  #charts(): TemplateResult[] {
    const times = timesOf(this.state)
    const told = [
      {
        name: gettext("Events"),
        values: inAll(this.state, times, ({ events_per_second }) => events_per_second),
      },
      {
        name: gettext("Updates"),
        values: inAll(this.state, times, ({ updates_per_second }) => updates_per_second),
      },
    ]
    const connections = [
      { name: gettext("WebSockets"), values: inAll(this.state, times, (each) => each.sockets) },
      { name: gettext("Streams"), values: inAll(this.state, times, (each) => each.streams ?? 0) },
      {
        name: gettext("Long polls"),
        values: inAll(this.state, times, (each) => each.long_polls ?? 0),
      },
    ]
    return [
      html`<chart-figure
        heading=${gettext("Told per second")}
        .times=${times}
        .lines=${told}
        .format=${figure}
      ></chart-figure>`,
      html`<chart-figure
        heading=${gettext("Connections")}
        .times=${times}
        .lines=${connections}
        .format=${figure}
      ></chart-figure>`,
    ]
  }
}
