/** A chart's drawing, by uPlot. It sets sizes by script, which a Content-Security-Policy allows. */

import uPlot from "uplot"

import type { Line } from "../client/operations-series"
import { language } from "../client/translation"

const HEIGHT = 150
/** Lines differ by more than colour. */
export const DASHES: readonly (readonly number[])[] = [
  [],
  [7, 4],
  [2, 3],
  [10, 3, 2, 3],
  [4, 2],
  [1, 4],
]

/** Draws lines into an element, and again as the element's own colours are. */
export class Plot {
  readonly #plot: uPlot
  readonly #resized: ResizeObserver

  constructor(
    private readonly frame: HTMLElement,
    times: readonly number[],
    lines: readonly Line[],
    format: (value: number) => string,
  ) {
    const style = getComputedStyle(frame)
    const colour = (name: string) => () => style.getPropertyValue(name).trim()
    const options = { ...shape(colour, format), series: seriesOf(lines, colour) }
    this.#plot = new uPlot({ ...options, width: this.#width, height: HEIGHT }, [[], []], frame)
    this.#resized = new ResizeObserver(() =>
      this.#plot.setSize({ width: this.#width, height: HEIGHT }),
    )
    this.#resized.observe(frame)
    this.draw(times, lines)
  }

  draw(times: readonly number[], lines: readonly Line[]): void {
    this.#plot.setData([[...times], ...lines.map(({ values }) => [...values])])
  }

  redraw(): void {
    this.#plot.redraw(false, true)
  }

  destroy(): void {
    this.#resized.disconnect()
    this.#plot.destroy()
  }

  get #width(): number {
    return Math.max(120, Math.floor(this.frame.clientWidth))
  }
}

type Colour = (name: string) => () => string

function seriesOf(lines: readonly Line[], colour: Colour): uPlot.Series[] {
  const drawn = lines.map((_, index) => ({
    stroke: colour(`--chart-${index + 1}`),
    dash: [...(DASHES[index] ?? [])],
    width: 1.75,
    points: { show: false },
  }))
  return [{}, ...drawn]
}

function shape(colour: Colour, format: (value: number) => string) {
  const time = new Intl.DateTimeFormat(language(), { hour: "2-digit", minute: "2-digit" })
  const common = { stroke: colour("--bw-muted"), font: "12px system-ui, sans-serif", gap: 4 }
  const line = { stroke: colour("--bw-line"), width: 1 }
  return {
    legend: { show: false },
    cursor: { show: false },
    // On the right, half of a time is written beyond its tick.
    padding: [8, 28, 0, 0] as uPlot.Padding,
    scales: { y: { range: (_: uPlot, _least: number, most: number) => reach(most) } },
    axes: [
      {
        ...common,
        size: 24,
        space: 80,
        grid: { show: false },
        ticks: { ...line, size: 4 },
        values: (_: uPlot, splits: number[]) => splits.map((at) => time.format(at * 1000)),
      },
      {
        ...common,
        size: 52,
        space: 32,
        grid: line,
        ticks: { show: false },
        values: (_: uPlot, splits: number[]) => splits.map(format),
      },
    ],
  }
}

/** From 0, and never so near that a small wave looks like a storm. */
function reach(most: number | null): [number, number] {
  return [0, Math.max(4, (most ?? 0) * 1.15)]
}
