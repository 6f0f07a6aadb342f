import { expect, test } from "vitest"

import { leanStyles } from "../lean-styles"

test.each([
  [
    "indentation and line ends",
    "a {\n  color: red;\n  margin: 0 1px;\n}\n",
    "a{color:red;margin:0 1px}",
  ],
  ["comments", "a { /* why: { */ color: red }", "a{color:red}"],
  [
    "noughts before a point",
    "a { margin: -0.5rem 10.05px calc(0.25em + 1px) }",
    "a{margin:-.5rem 10.05px calc(.25em + 1px)}",
  ],
  ["blanks in lists", "h2,\nh3 > a { inset: 0 }", "h2,h3>a{inset:0}"],
])("leaves out %s", (_name, css, lean) => {
  expect(leanStyles(css)).toBe(lean)
})

test.each([
  ["a descendant with a pseudo-class", "li :hover{color:red}"],
  ["a sum", "a{width:calc(1px + 2px)}"],
  ["a condition", "@media (pointer:coarse) and (width>3rem){a{color:red}}"],
  ["an empty string", `a::after{content:""}`],
  ["a share", "a{background:red 0 0 / 40% 100%}"],
])("keeps %s", (_name, css) => {
  expect(leanStyles(css)).toBe(css)
})
