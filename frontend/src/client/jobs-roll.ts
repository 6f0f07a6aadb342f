/** Some neighbours in the list. A block keeps its members while others come before it, so that
 *  what is drawn of it need not be drawn anew; `ids` is replaced when they change. */
export interface Block {
  readonly key: number
  readonly ids: readonly string[]
}

const BLOCK = 10

/** The order of a list: ids, the greatest first, in blocks of about ten. A change costs as much
 *  with ten thousand of them as with ten. */
export class Roll {
  #blocks: { key: number; ids: readonly string[] }[] = []
  #members = new Set<string>()
  #nextKey = 0

  get blocks(): readonly Block[] {
    return this.#blocks
  }

  get size(): number {
    return this.#members.size
  }

  get first(): string | undefined {
    return this.#blocks[0]?.ids[0]
  }

  get last(): string | undefined {
    return this.#blocks.at(-1)?.ids.at(-1)
  }

  has(id: string): boolean {
    return this.#members.has(id)
  }

  ids(): string[] {
    return this.#blocks.flatMap(({ ids }) => ids)
  }

  /** Put an id in its place; answers whether it is new. */
  add(id: string): boolean {
    if (this.#members.has(id)) return false
    this.#members.add(id)
    if (id < (this.last ?? "~")) this.#append(id)
    else this.#insert(this.#placeOf(id), id)
    return true
  }

  remove(id: string): boolean {
    if (!this.#members.delete(id)) return false
    const place = this.#placeOf(id)
    const block = this.#blocks[place]
    if (!block) return false
    block.ids = block.ids.filter((other) => other !== id)
    if (!block.ids.length) this.#blocks.splice(place, 1)
    return true
  }

  /** Hold these and no others. Blocks that hold the same as before stay as they are. */
  replace(ids: Iterable<string>): void {
    const wanted = new Set(ids)
    for (const id of this.ids()) if (!wanted.has(id)) this.remove(id)
    for (const id of [...wanted].sort().reverse()) this.add(id)
  }

  /** Which block holds an id, or would: the first whose last one is not greater. */
  #placeOf(id: string): number {
    let [low, high] = [0, this.#blocks.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (id >= (this.#blocks[middle]?.ids.at(-1) ?? "")) high = middle
      else low = middle + 1
    }
    return low
  }

  #append(id: string): void {
    const last = this.#blocks.at(-1)
    if (last && last.ids.length < BLOCK) last.ids = [...last.ids, id]
    else this.#blocks.push(this.#begun(id))
  }

  #insert(place: number, id: string): void {
    const block = this.#blocks[place]
    if (!block) return
    const isNewest = place === 0 && id > (block.ids[0] ?? "")
    if (isNewest && block.ids.length >= BLOCK) this.#blocks.unshift(this.#begun(id))
    else block.ids = [...block.ids, id].sort().reverse()
  }

  #begun(id: string): { key: number; ids: readonly string[] } {
    return { key: this.#nextKey++, ids: [id] }
  }
}
