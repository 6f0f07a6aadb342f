import { expect, test } from "vitest"

import { Api } from "../src/client/api"
import { SignedOut, Unreachable, sentenceOf } from "../src/client/api-error"
import { job } from "./cast"

type Answer = () => Promise<Response>

function api(answer: Answer): { api: Api; asked: { url: string; init: RequestInit }[] } {
  const asked: { url: string; init: RequestInit }[] = []
  const send = (url: unknown, init: unknown) => {
    asked.push({ url: String(url), init: init as RequestInit })
    return answer()
  }
  return { asked, api: new Api({ base: "/api", csrf: () => "token", fetch: send as typeof fetch }) }
}

const json =
  (body: unknown, status = 200): Answer =>
  () =>
    Promise.resolve(Response.json(body, { status }))

test("a person's own topic has one place", async () => {
  const position = { topic: "user:1", epoch: "e1", offset: 7 }
  const { api: client } = api(json({ id: "1", figures: {}, position }))

  expect(await client.positions()).toEqual({ "user:1": { epoch: "e1", offset: 7 } })
})

test("older jobs are asked for by the oldest that is known", async () => {
  const { api: client, asked } = api(json({ jobs: [job()] }))

  expect(await client.jobs(30, "0199-b")).toEqual({ jobs: [job()] })
  expect(asked[0]?.url).toBe("/api/jobs?limit=30&before=0199-b")
})

test("a job is started with the CSRF token", async () => {
  const { api: client, asked } = api(json(job(), 201))
  await client.start("reports", { file: "f" })

  expect(asked[0]?.init).toMatchObject({
    method: "POST",
    credentials: "same-origin",
    headers: { "X-CSRFToken": "token" },
  })
  expect(asked[0]?.init.body).toBe('{"kind":"reports","arguments":{"file":"f"}}')
})

test.each([
  [
    "the server's own sentence",
    json({ error: { code: "too_many", message: "You have too many jobs." } }, 429),
    "You have too many jobs.",
  ],
  [
    "a proxy's page",
    () => Promise.resolve(new Response("<h1>", { status: 502 })),
    "The server has trouble just now (502). Try again in a moment.",
  ],
  [
    "no server",
    () => Promise.reject(new TypeError("failed to fetch")),
    "The server cannot be reached. Check the connection and try again.",
  ],
  [
    "a server that does not answer",
    () => Promise.reject(new DOMException("", "TimeoutError")),
    "The server takes too long to answer. Try again.",
  ],
  [
    "an answer cut short",
    () => Promise.resolve(new Response('{"id": "01')),
    "The server's answer was cut short. Try again.",
  ],
  ["a session that is over", json({}, 401), "You are signed out. Log in again to go on."],
])("%s becomes a sentence", async (_name, answer, sentence) => {
  const failure = await api(answer)
    .api.job("0199-a")
    .catch((error: unknown) => error)

  expect(sentenceOf(failure)).toBe(sentence)
})

test("kinds of failure can be told apart", async () => {
  await expect(api(json({}, 401)).api.job("a")).rejects.toBeInstanceOf(SignedOut)
  await expect(api(() => Promise.reject(new TypeError())).api.job("a")).rejects.toBeInstanceOf(
    Unreachable,
  )
})

test("an answer that is empty on purpose is one", async () => {
  const { api: client } = api(() => Promise.resolve(new Response(null, { status: 204 })))

  expect(await client.ask("PUT", "/notifications/preferences", {})).toEqual({})
})
