// @vitest-environment happy-dom
import { beforeEach, expect, test } from "vitest"

import { addTranslations, gettext, ngettext } from "../src/client/translation"

beforeEach(() => {
  document.documentElement.lang = "en"
})

test.each([
  ["as it is, where nobody translated it", "Nothing here yet.", {}, "Nothing here yet."],
  ["with its values", "Attempt {n} of {most}", { n: 2, most: 3 }, "Attempt 2 of 3"],
  ["with what it has no value for left alone", "Hello {name}", {}, "Hello {name}"],
])("a sentence is given %s", (_name, sentence, values, expected) => {
  expect(gettext(sentence, values)).toBe(expected)
})

test("a translation takes the sentence's place, and an empty one does not", () => {
  addTranslations({ Live: "Verbunden", Offline: "" })

  expect([gettext("Live"), gettext("Offline")]).toEqual(["Verbunden", "Offline"])
})

test("a sentence that is counted elsewhere is said as of one", () => {
  addTranslations({ Archived: ["Archiviert", "{n} archiviert"] })

  expect([gettext("Archived"), ngettext("Archived", "{n} archived", 7)]).toEqual([
    "Archiviert",
    "7 archiviert",
  ])
})

test.each([
  ["en", 1, "1 job"],
  ["en", 1200, "1,200 jobs"],
  ["de", 1, "1 Auftrag"],
  ["de", 1200, "1.200 Aufträge"],
  ["ar", 2, "two"],
  ["ar", 5, "few"],
  ["ar", 100, "other"],
  ["fr", 1, "1 tâche"],
  ["fr", 7, "7 tâches"],
])("in %s %d is counted as %s", (tag, n, expected) => {
  const forms: Record<string, readonly string[]> = {
    de: ["{n} Auftrag", "{n} Aufträge"],
    fr: ["{n} tâche", "{n} tâches"],
    ar: ["zero", "one", "two", "few", "many", "other"],
    en: [],
  }
  document.documentElement.lang = tag
  addTranslations({ "{n} job": forms[tag] ?? [] })

  expect(ngettext("{n} job", "{n} jobs", n)).toBe(expected)
})
