import { existsSync, globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { errorKinds } from '../src/core/errors.ts'
import { reasons } from '../src/core/reasons.ts'
import { findDeadLinks, readHeadings } from './helpers/markdown.ts'
import type { Heading } from './helpers/markdown.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const read = (path: string): string => readFileSync(`${root}${path}`, 'utf8')
const pages = globSync(['*.md', '{docs,certs,examples,charts,bench,test}/**/*.md'], { cwd: root })
  .filter((path) => !path.includes('node_modules')).toSorted()
const codeHeading = /^`([a-z_]+)`$/

function codesOf (path: string): ReadonlyMap<string, Heading> {
  return new Map(readHeadings(read(path)).flatMap((heading) => {
    const code = codeHeading.exec(heading.title)?.[1]
    return code === undefined ? [] : [[code, heading]]
  }))
}

t.test('docs/errors.md has a heading for every error code and for nothing else', async (t) => {
  t.same([...codesOf('docs/errors.md').keys()].toSorted(), Object.keys(errorKinds).toSorted())
})

for (const [code, { exitCode, meaning }] of Object.entries(errorKinds)) {
  t.test(`docs/errors.md says what ${code} means, its exit code and what to do`, async (t) => {
    const body = codesOf('docs/errors.md').get(code)?.body.toLowerCase() ?? ''
    t.ok(body.includes(meaning.toLowerCase()))
    t.ok(body.includes(`exit code ${exitCode}.`))
    t.match(body, /what to do: \S/)
  })
}

t.test('docs/reasons.md has a heading for every reason and for nothing else', async (t) => {
  t.same([...codesOf('docs/reasons.md').keys()].toSorted(), Object.keys(reasons).toSorted())
})

for (const [code, sentence] of Object.entries(reasons)) {
  t.test(`docs/reasons.md says what ${code} means and what to do`, async (t) => {
    const body = codesOf('docs/reasons.md').get(code)?.body.toLowerCase() ?? ''
    t.ok(body.includes(sentence.toLowerCase()))
    t.match(body, /^(what to do: \S|nothing to do\b)/m)
  })
}

t.test('every relative link leads to a file, every anchor to a heading', async (t) => {
  const texts = new Map(pages.map((path) => [path, read(path)]))
  t.ok(texts.has('docs/architecture.md'))
  t.same(findDeadLinks({ texts, exists: (path) => existsSync(root + path) }), [])
})

t.test('every decision record is in the index, and has the same four parts', async (t) => {
  const index = read('docs/adr/README.md')
  const records = pages.filter((path) => /^docs\/adr\/\d{4}-/.test(path))
  t.ok(records.length > 0)
  for (const path of records) {
    t.ok(index.includes(`](${path.slice('docs/adr/'.length)})`), `${path} is in the index`)
    const parts = readHeadings(read(path)).filter(({ level }) => level === 2).map(({ title }) => title)
    t.same(parts, ['Context', 'Decision', 'Rejected', 'Consequences'], path)
  }
})

const links = [
  { name: 'a file that is not there', text: '[x](gone.md)', fault: /leads nowhere/ },
  { name: 'a heading that is not there', text: '# Here\n\n[x](#there)', fault: /no such heading/ },
  { name: 'a heading of another page that is not there', text: '[x](../b.md#nope)', fault: /no such heading/ },
  { name: 'a way out of the project', text: '[x](../../shared/x.md)', fault: /leaves the project/ }
]

for (const { name, text, fault } of links) {
  t.test(`${name} is found`, async (t) => {
    const texts = new Map([['docs/a.md', text], ['b.md', '# The `b` page: all']])
    t.match(findDeadLinks({ texts, exists: (path) => texts.has(path) }), [fault])
  })
}

t.test('links to headings, other sites and in code are left alone', async (t) => {
  const text = '# A `b`\n\n[x](#a-b) [y](../b.md#the-b-page-all) [z](https://example.org/x) `[q](gone.md)`\n\n```\n[c](gone.md)\n```\n'
  const texts = new Map([['docs/a.md', text], ['b.md', '# The `b` page: all']])
  t.same(findDeadLinks({ texts, exists: (path) => texts.has(path) }), [])
})
