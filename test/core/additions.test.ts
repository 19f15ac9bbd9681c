import t from 'tap'
import { planAdditions } from '../../src/core/additions.ts'
import { emptyEntry, makeAdditionFacts, makeOffered, type KeyTable } from '../helpers/builders.ts'

const hub = 'https://index.docker.io/v1/'

interface Row {
  readonly name: string
  readonly offered: KeyTable
  readonly companions?: Readonly<Record<string, readonly string[]>>
  readonly images: readonly string[]
  readonly listed?: readonly string[]
  readonly listedBySome?: readonly string[]
  readonly forbidden?: readonly string[]
  /** Names added, in order. */
  readonly added: string
  /** `name: reason (image)` of each left out. */
  readonly leftOut?: readonly string[]
  readonly covered?: readonly string[]
}

function check (rows: readonly Row[]): void {
  for (const row of rows) {
    t.test(row.name, async (t) => {
      const isAllowed = (name: string): boolean => row.forbidden?.includes(name) !== true
      const facts = makeAdditionFacts(makeOffered(row.offered, row.companions), row.images,
        { listed: row.listed ?? [], listedBySome: row.listedBySome ?? [], isAllowed })
      const plan = planAdditions(facts)
      const leftOut = plan.leftOut.map(({ name, reason, image }) => `${name}: ${reason} (${image ?? ''})`)
      t.equal(plan.additions.map(({ name }) => name).join(' '), row.added)
      t.strictSame(leftOut, row.leftOut ?? [])
      if (row.covered !== undefined) t.strictSame([...plan.covered], row.covered)
    })
  }
}

check([
  { name: 'nothing offered', offered: {}, images: ['quay.io/a/b'], added: '', covered: [] },
  { name: 'no image', offered: { a: ['quay.io'] }, images: [], added: '' },
  { name: 'a match is added', offered: { a: ['quay.io'], b: ['ghcr.io'] }, images: ['quay.io/a/b'], added: 'a', covered: ['quay.io/a/b'] },
  { name: 'what is listed is not added again', offered: { a: ['quay.io'] }, images: ['quay.io/a/b'], listed: ['a'], added: '', covered: ['quay.io/a/b'] },
  { name: 'all matches, not only the most specific', offered: { r: ['quay.io'], t: ['quay.io/acme'] }, images: ['quay.io/acme/x'], added: 't r' },
  {
    name: 'order by best key, then as configured',
    offered: { z: ['quay.io/acme'], y: ['ghcr.io'], x: ['quay.io/acme'], w: ['*.io', 'quay.io/acme/x'] },
    images: ['ghcr.io/a', 'quay.io/acme/x'],
    added: 'w z x y'
  },
  { name: 'an entry without login is not worth adding', offered: { a: [emptyEntry('quay.io')] }, images: ['quay.io/a'], added: '', covered: [] },
  {
    name: 'a key that ends inside a segment',
    offered: { a: ['quay.io/acme'] },
    images: ['quay.io/acme-x/app'],
    added: '',
    leftOut: ['a: partial_segment (quay.io/acme-x/app)'],
    covered: []
  },
  { name: 'a final slash makes it a whole segment', offered: { a: ['quay.io/acme/'] }, images: ['quay.io/acme-x/app'], added: '' },
  {
    name: 'a partial key is made up for by a whole one, of this image or another',
    offered: { a: ['quay.io/acme', 'quay.io'], b: ['quay.io/acme'] },
    images: ['quay.io/acme-x/app', 'quay.io/acme/app'],
    added: 'a b'
  },
  {
    name: 'D5 an account that does not allow the name',
    offered: { a: ['quay.io'], b: ['quay.io'] },
    images: ['quay.io/x'],
    forbidden: ['a'],
    added: 'b',
    leftOut: ['a: account_restricts_secrets (quay.io/x)']
  }
])

check([
  { name: 'a companion comes last', offered: { c: ['sso.io'], a: ['quay.io'] }, companions: { a: ['c'] }, images: ['quay.io/x'], added: 'a c' },
  {
    name: 'companions of companions, also in a circle',
    offered: { a: ['quay.io'], d: [], c: [], b: [] },
    companions: { a: ['b'], b: ['c'], c: ['a', 'd'] },
    images: ['quay.io/x'],
    added: 'a d c b'
  },
  { name: 'a companion of a listed credential', offered: { a: ['quay.io'], c: [] }, companions: { a: ['c'] }, images: ['quay.io/x'], listed: ['a'], added: 'c' },
  { name: 'no companion where the listed one serves nothing', offered: { a: ['quay.io'], c: [] }, companions: { a: ['c'] }, images: ['ghcr.io/x'], listed: ['a'], added: '' },
  { name: 'a companion that is listed', offered: { a: ['quay.io'], c: [] }, companions: { a: ['c'] }, images: ['quay.io/x'], listed: ['c'], added: 'a' },
  { name: 'a companion that is not offered', offered: { a: ['quay.io'] }, companions: { a: ['c'] }, images: ['quay.io/x'], added: 'a' },
  {
    name: 'a companion that the account forbids, and so none of its own',
    offered: { a: ['quay.io'], c: [], d: [] },
    companions: { a: ['c'], c: ['d'] },
    images: ['quay.io/x'],
    forbidden: ['c'],
    added: 'a',
    leftOut: ['c: account_restricts_secrets ()']
  },
  {
    name: 'a partial match that is a companion is added all the same',
    offered: { p: ['quay.io/acme'], a: ['quay.io'] },
    companions: { a: ['p'] },
    images: ['quay.io/acme-x/app'],
    added: 'p a'
  }
])

check([
  { name: 'the Hub login serves as fallback', offered: { h: [hub] }, images: ['nginx'], added: 'h', covered: ['docker.io/library/nginx'] },
  { name: 'two Hub logins', offered: { g: [hub], h: ['index.docker.io'] }, images: ['nginx'], added: 'g h' },
  {
    name: 'of two offered the direct one wins',
    offered: { h: [hub], d: ['docker.io'] },
    images: ['nginx'],
    added: 'd',
    leftOut: ['h: hidden_by_other (docker.io/library/nginx)']
  },
  {
    name: 'it serves the image that the direct one does not match',
    offered: { h: [hub], d: ['docker.io/team'] },
    images: ['team/app', 'nginx'],
    added: 'h d'
  },
  {
    name: 'a direct one would hide the listed Hub login',
    offered: { h: [hub], d: ['docker.io'] },
    images: ['nginx'],
    listed: ['h'],
    added: '',
    leftOut: ['d: hides_hub_login (docker.io/library/nginx)'],
    covered: ['docker.io/library/nginx']
  },
  {
    name: 'so would an entry without login',
    offered: { h: [hub], d: [emptyEntry('docker.io/library'), 'quay.io'] },
    images: ['quay.io/a', 'nginx'],
    listed: ['h'],
    added: '',
    leftOut: ['d: hides_hub_login (docker.io/library/nginx)']
  },
  { name: 'no harm where no image is of the Hub', offered: { h: [hub], d: ['docker.io', 'quay.io'] }, images: ['quay.io/a'], listed: ['h'], added: 'd' },
  { name: 'an empty Hub login is not worth protecting', offered: { h: [emptyEntry(hub)], d: ['docker.io'] }, images: ['nginx'], listed: ['h'], added: 'd' },
  {
    name: 'a listed direct one is in the way of the fallback',
    offered: { h: [hub], d: ['docker.io'] },
    images: ['nginx'],
    listed: ['d'],
    added: '',
    leftOut: ['h: hidden_by_other (docker.io/library/nginx)']
  },
  {
    name: 'its own direct entry without login is in the way as well',
    offered: { h: [hub, emptyEntry('docker.io')] },
    images: ['nginx'],
    added: '',
    leftOut: ['h: hidden_by_other (docker.io/library/nginx)']
  },
  {
    name: 'a companion must not hide the Hub login of the credential that brings it',
    offered: { h: [hub], c: [emptyEntry('docker.io')] },
    companions: { h: ['c'] },
    images: ['nginx'],
    added: 'h',
    leftOut: ['c: hides_hub_login (docker.io/library/nginx)']
  },
  {
    name: 'a fallback must not hide one that was added before it',
    offered: { g: [hub], h: [hub, emptyEntry('docker.io/team')] },
    images: ['nginx', 'team/app'],
    added: 'g',
    leftOut: ['h: hides_hub_login (docker.io/team/app)']
  },
  {
    name: 'a Hub login that only some of the pods have is protected, and given to all',
    offered: { h: [hub], d: ['docker.io'] },
    images: ['nginx'],
    listedBySome: ['h'],
    added: 'h',
    leftOut: ['d: hides_hub_login (docker.io/library/nginx)']
  },
  {
    name: 'what only some of the pods have will stand in the list of all, in the way of a fallback',
    offered: { h: [hub], d: [emptyEntry('docker.io')] },
    companions: { h: ['d'] },
    images: ['nginx'],
    listedBySome: ['d'],
    added: '',
    leftOut: ['h: hidden_by_other (docker.io/library/nginx)']
  },
  {
    name: 'a fallback that the account forbids',
    offered: { h: [hub] },
    images: ['nginx'],
    forbidden: ['h'],
    added: '',
    leftOut: ['h: account_restricts_secrets (docker.io/library/nginx)']
  }
])

t.test('a credential that the map of companions does not hold brings none', async (t) => {
  const offered = { ...makeOffered({ a: ['quay.io'] }), companions: new Map() }
  t.strictSame(planAdditions(makeAdditionFacts(offered, ['quay.io/x'])).additions.map(({ name }) => name), ['a'])
})

t.test('an addition names its key and the images that it serves, each once', async (t) => {
  const offered = makeOffered({ a: ['quay.io', 'quay.io/acme/'], h: [hub], c: [] }, { a: ['c'] })
  const plan = planAdditions(makeAdditionFacts(offered, ['quay.io/acme/x:1', 'quay.io/acme/x:2', 'nginx', 'quay.io/y']))
  t.strictSame(plan.additions, [
    { name: 'a', key: 'quay.io/acme/', images: ['quay.io/acme/x', 'quay.io/y'] },
    { name: 'h', key: hub, images: ['docker.io/library/nginx'] },
    { name: 'c', images: [] }
  ])
})
