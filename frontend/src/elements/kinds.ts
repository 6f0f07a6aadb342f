/** The jobs that can be started from a page: what each takes, in words. */

import { gettext } from "../client/translation"

export interface Kind {
  readonly kind: string
  readonly name: () => string
  readonly promise: () => string
  /** What is chosen; absent where the job takes no file. */
  readonly files?: {
    readonly label: () => string
    readonly accept: string
    readonly multiple: boolean
  }
}

export const KINDS: readonly Kind[] = [
  {
    kind: "reports",
    name: () => gettext("Report"),
    promise: () => gettext("Statistics and a chart for each column of a table."),
    files: {
      label: () => gettext("Choose a CSV file"),
      accept: ".csv,text/csv",
      multiple: false,
    },
  },
  {
    kind: "images",
    name: () => gettext("Pictures"),
    promise: () => gettext("Thumbnails and lighter sizes of your photos."),
    files: { label: () => gettext("Choose photos"), accept: "image/*", multiple: true },
  },
  {
    kind: "mail",
    name: () => gettext("Mailing"),
    promise: () => gettext("One letter to each recipient, and to none of them twice."),
  },
]

/** Turn the ids of uploads into a job's arguments. */
export function fileArguments(kind: Kind, ids: readonly string[]): Record<string, unknown> {
  return kind.files?.multiple ? { files: ids } : { file: ids[0] }
}

/** Read a mailing from its form; addresses are divided by lines, commas or semicolons. */
export function mailArguments(form: FormData): Record<string, unknown> {
  const recipients = text(form, "recipients").split(/[\n,;]/)
  return {
    subject: text(form, "subject"),
    body: text(form, "body"),
    recipients: recipients.map((recipient) => recipient.trim()).filter(Boolean),
  }
}

function text(form: FormData, name: string): string {
  const value = form.get(name)
  return typeof value === "string" ? value : ""
}
