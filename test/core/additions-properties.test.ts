import t from 'tap'
import fc from 'fast-check'
import { applyPatch } from 'rfc6902'
import { planAdditions, type AdditionFacts, type PlannedAdditions } from '../../src/core/additions.ts'
import { appendNames } from '../../src/core/json-patch.ts'
import { triedLogins, type KeyringMatch } from '../../src/core/keyring.ts'
import { compileOffered } from '../../src/core/offered-credentials.ts'
import { readList } from '../../src/kinds/workload-kind.ts'
import { makeRule } from '../helpers/builders.ts'

const credentialNames = ['a', 'b', 'c', 'd'] as const
const key = fc.record({
  key: fc.constantFrom('https://index.docker.io/v1/', 'index.docker.io', 'docker.io', 'docker.io/team', 'docker.io/te',
    'docker.io/library/', '*.io', '*.*', '*', 'quay.io', 'quay.io/acme', 'quay.io/acme/', 'localhost', 'q%zz.io'),
  usable: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) })
})
const image = fc.constantFrom('docker.io/library/nginx', 'docker.io/team/app', 'docker.io/team2/app', 'quay.io/acme/x',
  'quay.io/acme-x/y', 'localhost/x', 'index.example.com/x')
const subset = fc.subarray([...credentialNames])

const factsArbitrary: fc.Arbitrary<AdditionFacts> = fc.record({
  credentials: fc.tuple(...credentialNames.map((name) => fc.record({
    name: fc.constant(name), keys: fc.array(key, { maxLength: 4 }), companions: fc.oneof(fc.constant([]), subset)
  }))),
  listed: fc.oneof(subset, subset.map((names) => [...names, 'foreign'])),
  listedBySome: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: subset }),
  images: fc.array(image, { maxLength: 4 }),
  forbidden: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: subset })
}).map(({ credentials, listed, listedBySome, images, forbidden }) => ({
  offered: compileOffered(
    { offered: credentials.map(({ name, companions }) => makeRule(name, { companions })), unknown: [] },
    new Map(credentials.map(({ name, keys }) => [name, keys]))
  ),
  listed: new Set(listed),
  listedBySome: new Set(listedBySome),
  images,
  isAllowed: (name) => !(forbidden as readonly string[]).includes(name)
}))

function names (plan: PlannedAdditions): string[] {
  return plan.additions.map(({ name }) => name)
}

/** Whether an image has a usable login with these names in the list. */
function hasLogin (facts: AdditionFacts, image: string, listed: ReadonlySet<string>): boolean {
  return triedLogins(facts.offered.keyring.candidates(image), (name) => listed.has(name)).some(({ usable }) => usable)
}

function check (holds: (facts: AdditionFacts, plan: PlannedAdditions) => boolean): void {
  fc.assert(fc.property(factsArbitrary, (facts) => holds(facts, planAdditions(facts))), { numRuns: 3000 })
}

t.test('every login that an image is given by the list it has with the additions as well', async () => {
  check((facts, plan) => {
    const kept = new Set([...facts.listed, ...facts.listedBySome ?? []])
    const after = new Set([...kept, ...names(plan)])
    return facts.images.every((image) => {
      const { keyring } = facts.offered
      const before = triedLogins(keyring.candidates(image), (name) => kept.has(name))
      const tried = triedLogins(keyring.candidates(image), (name) => after.has(name))
      const isTried = (login: KeyringMatch): boolean =>
        tried.some(({ secret, key }) => secret === login.secret && key === login.key)
      return before.every((login) => !login.usable || isTried(login))
    })
  })
})

t.test('no name is listed already, forbidden, or added twice; none is both added and left out', async () => {
  check((facts, plan) => {
    const added = names(plan)
    return new Set(added).size === added.length &&
      added.every((name) => !facts.listed.has(name) && facts.isAllowed(name)) &&
      plan.leftOut.every(({ name }) => !added.includes(name) && !facts.listed.has(name))
  })
})

t.test('every addition serves an image or is a companion', async () => {
  check((facts, plan) => {
    const present = [...facts.listed, ...names(plan)]
    return plan.additions.every(({ name, key, images }) => images.length > 0
      ? key !== undefined
      : key === undefined && present.some((main) => facts.offered.companions.get(main)?.includes(name)))
  })
})

t.test('what is called covered has a login, and nothing else', async () => {
  check((facts, plan) => {
    const after = new Set([...facts.listed, ...names(plan)])
    return facts.images.every((image) => plan.covered.has(image) === hasLogin(facts, image, after))
  })
})

t.test('deciding again with the additions listed adds nothing', async () => {
  check((facts, plan) => {
    const listed = new Set([...facts.listed, ...names(plan)])
    return names(planAdditions({ ...facts, listed })).length === 0
  })
})

const listItem = fc.oneof(fc.record({ name: fc.constantFrom('a', 'b', 'foreign', '') }), fc.constantFrom(null, {}, 1, 'a'))
const list = fc.oneof(fc.constant(undefined), fc.constant(null), fc.array(listItem, { maxLength: 4 }))

t.test('patched into the very object, every name stands there and all else is as it was', async () => {
  fc.assert(fc.property(factsArbitrary, list, fc.jsonValue(), (facts, list, other) => {
    const object = { other, spec: { other, ...(list === undefined ? {} : { imagePullSecrets: list }) } }
    const before = readList(object, ['spec', 'imagePullSecrets'])
    const added = names(planAdditions({ ...facts, listed: new Set(before.names) }))
    const operations = appendNames(before.listPath, before.list === 'present' ? 'present' : 'absent', added)
    const patched = structuredClone(object)
    const errors = applyPatch(patched, [...operations]).filter((error) => error !== null)
    const expectedList = added.length === 0 ? list : [...list ?? [], ...added.map((name) => ({ name }))]
    const expectedMember = expectedList === undefined ? {} : { imagePullSecrets: expectedList }
    const expected = { other, spec: { other, ...expectedMember } }
    const after = readList(patched, ['spec', 'imagePullSecrets'])
    return errors.length === 0 && JSON.stringify(patched) === JSON.stringify(expected) &&
      names(planAdditions({ ...facts, listed: new Set(after.names) })).length === 0
  }), { numRuns: 1000 })
})
