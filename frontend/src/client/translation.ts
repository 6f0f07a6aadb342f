/** Sentences in the page's language. Pure but for the catalogue, which is set once.
 *
 *  Named as Django names them, so that the same tools find the sentences. English is the key. */

/** By the English sentence: its translation or, where it counts something, one for each of the
 *  language's plural forms, in the order of the Unicode CLDR (zero, one, two, few, many, other).
 *  gettext leaves out last ones that the CLDR has (French: many); the last that is there is said. */
export type Catalogue = Readonly<Record<string, string | readonly string[]>>

export type Values = Readonly<Record<string, string | number>>

const FORMS: readonly Intl.LDMLPluralRule[] = ["zero", "one", "two", "few", "many", "other"]

let catalogue: Catalogue = {}
let rules: { readonly language: string; readonly of: Intl.PluralRules } | undefined

/** Have these sentences say what they are translated to, beside those that are known. */
export function addTranslations(more: Catalogue): void {
  catalogue = { ...catalogue, ...more }
}

/** The page's language, as a BCP 47 tag. */
export function language(): string {
  return globalThis.document?.documentElement.lang || "en"
}

/** Give a sentence in the page's language; `{name}` in it is replaced by the value's. */
export function gettext(sentence: string, values: Values = {}): string {
  const found = catalogue[sentence]
  // What is also counted elsewhere ("Archived", "{n} archived") has its forms there: one is meant.
  const [one] = typeof found === "string" ? [found] : (found ?? [])
  return filled(one || sentence, values)
}

/** The same of a sentence that counts; `{n}` is the number as the language writes it. */
export function ngettext(one: string, many: string, n: number, values: Values = {}): string {
  const found = catalogue[one]
  const forms = Array.isArray(found) ? (found as readonly string[]) : []
  const form = forms[formOf(n)] ?? forms.at(-1)
  const count = new Intl.NumberFormat(language()).format(n)
  return filled(form || (n === 1 ? one : many), { n: count, ...values })
}

function formOf(n: number): number {
  if (rules?.language !== language())
    rules = { language: language(), of: new Intl.PluralRules(language()) }
  const known = new Set(rules.of.resolvedOptions().pluralCategories)
  return FORMS.filter((form) => known.has(form)).indexOf(rules.of.select(n))
}

function filled(sentence: string, values: Values): string {
  return sentence.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))
}
