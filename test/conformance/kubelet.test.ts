/**
 * Pullpass and the kubelet's own code must agree on every image, every credential and their order.
 *
 * PULLPASS_SEED picks other cases than those of every run, PULLPASS_CASES more or fewer of them.
 */
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { explainImages } from '../../src/app/explain.ts'
import type { Secret } from '../../src/core/kubernetes.ts'
import { everyDocument, secretListArbitrary } from '../helpers/credential-arbitraries.ts'
import { everyImage, imageArbitrary } from '../helpers/image-arbitraries.ts'
import { everyKey } from '../helpers/key-arbitraries.ts'
import {
  describeQuestion, findDifferences, startKubeletOracle, type KubeletOracle, type OracleAnswer, type OracleQuestion
} from '../helpers/kubelet-oracle.ts'
import { buildTool, describeMissing } from '../tools/build.ts'

// A first build on a fresh machine downloads and compiles.
t.setTimeout(600_000)

const seed = Number(process.env['PULLPASS_SEED'] ?? 20260914)
const cases = Number(process.env['PULLPASS_CASES'] ?? 10_000)
const batchSize = 500

const questionArbitrary: fc.Arbitrary<OracleQuestion> = fc.record({
  secrets: secretListArbitrary,
  images: fc.array(imageArbitrary, { minLength: 1, maxLength: 4 })
})

interface Tally {
  cases: number
  unreadable: number
  images: number
  invalid: number
  covered: number
  candidates: number
  severalSecrets: number
  hubFallback: number
}

function count (tally: Tally, answers: readonly OracleAnswer[]): void {
  tally.cases += 1
  if (answers.some(({ error }) => error === 'secrets_unreadable')) tally.unreadable += 1
  for (const { error, repository, candidates } of answers) {
    tally.images += 1
    tally.candidates += candidates.length
    if (error === 'image_invalid') tally.invalid += 1
    if (candidates.length > 0) tally.covered += 1
    if (new Set(candidates.map(({ secret }) => secret)).size > 1) tally.severalSecrets += 1
    const viaHub = repository?.startsWith('docker.io/') === true && candidates[0]?.effectiveKey === 'index.docker.io'
    if (viaHub) tally.hubFallback += 1
  }
}

interface Difference {
  /** The seed of the batch, from which fast-check makes the same cases again. */
  readonly seed: number
  readonly question: OracleQuestion
}

async function findDifference (
  oracle: KubeletOracle, tally: Tally, batchSeed: number
): Promise<Difference | undefined> {
  const questions = fc.sample(questionArbitrary, { seed: batchSeed, numRuns: batchSize })
  const answers = await oracle.askAll(questions)
  for (const [index, question] of questions.entries()) {
    const theirs = answers[index] ?? []
    count(tally, theirs)
    if (differ(question, theirs).length > 0) return { seed: batchSeed, question }
  }
  return undefined
}

function differ (question: OracleQuestion, theirs: readonly OracleAnswer[]): readonly string[] {
  try {
    return findDifferences(explainImages(question.images, question.secrets), theirs)
  } catch (error) {
    return [`explain threw ${String(error)}`]
  }
}

/** What differs in the smallest case that fast-check can find, and the case itself. */
async function describeSmallest (oracle: KubeletOracle, found: Difference): Promise<readonly string[]> {
  const compare = async (question: OracleQuestion): Promise<readonly string[]> =>
    differ(question, (await oracle.askAll([question]))[0] ?? [])
  const property = fc.asyncProperty(questionArbitrary, async (question) => (await compare(question)).length === 0)
  const shrunk = await fc.check(property, { seed: found.seed, numRuns: batchSize })
  const smallest = shrunk.counterexample?.[0] ?? found.question
  return [...await compare(smallest), ...describeQuestion(smallest)]
}

const tool = await buildTool('kubelet-oracle')

t.test('explain answers as the kubelet does', { skip: describeMissing('kubelet-oracle', tool) }, async (t) => {
  const oracle = startKubeletOracle(tool)
  t.teardown(oracle.stop)
  const tally: Tally = {
    cases: 0, unreadable: 0, images: 0, invalid: 0, covered: 0, candidates: 0, severalSecrets: 0, hubFallback: 0
  }
  // The kubelet answers one batch while the next one is made.
  let found: Difference | undefined
  let asked: Promise<Difference | undefined> | undefined
  for (let batch = 0; batch < cases / batchSize && found === undefined; batch += 1) {
    const next = findDifference(oracle, tally, seed * batchSize + batch)
    found = await asked
    asked = next
  }
  found ??= await asked
  const report = found === undefined ? [] : await describeSmallest(oracle, found)
  t.same(report, [], `explain finds what the kubelet finds (seed ${seed})`)
  t.comment(`compared ${tally.cases} cases, ${tally.candidates} candidates (seed ${seed}): ${JSON.stringify(tally)}`)
  if (found === undefined) checkShares(t, tally)
})

t.test('every odd key, image and document', { skip: describeMissing('kubelet-oracle', tool) }, async (t) => {
  const oracle = startKubeletOracle(tool)
  t.teardown(oracle.stop)
  const secretOf = (name: string, text: string): Secret => ({
    namespace: 'team',
    name,
    type: 'kubernetes.io/dockerconfigjson',
    data: new Map([['.dockerconfigjson', Buffer.from(text)]])
  })
  const allKeys = JSON.stringify({ auths: Object.fromEntries(everyKey.map((key) => [key, { auth: 'dTpw' }])) })
  const questions: readonly OracleQuestion[] = [
    { secrets: [secretOf('one', allKeys), secretOf('two', allKeys)], images: everyImage },
    { secrets: [secretOf('hub', '{"auths":{"https://index.docker.io/v1/":{}}}')], images: everyImage },
    ...everyDocument.map((text) => ({ secrets: [secretOf('odd', text)], images: ['quay.io/foo/x', 'nginx'] }))
  ]
  const answers = await oracle.askAll(questions)
  const differences = questions.flatMap((question, index) => {
    const found = differ(question, answers[index] ?? [])
    const report = found.length === 0 ? [] : [...found, ...describeQuestion(question)]
    return report.map((line) => line.slice(0, 500))
  })
  t.same(differences, [], 'explain finds what the kubelet finds')
  t.comment(`compared ${everyKey.length} keys with ${everyImage.length} images, and ${everyDocument.length} documents`)
})

// A generator that only makes lists that cover nothing would agree with everything.
function checkShares (t: Test, tally: Tally): void {
  t.ok(tally.cases >= cases, 'every case was compared')
  const shares: readonly (readonly [what: string, share: number, least: number, most: number])[] = [
    ['lists that the kubelet cannot read', tally.unreadable / tally.cases, 0.05, 0.35],
    ['images that do not parse', tally.invalid / tally.images, 0.05, 0.25],
    ['images with a candidate', tally.covered / tally.images, 0.3, 0.9],
    ['images with candidates of several secrets', tally.severalSecrets / tally.images, 0.1, 0.9],
    ['images of Docker Hub reached by its fallback key', tally.hubFallback / tally.images, 0.005, 0.2]
  ]
  for (const [what, share, least, most] of shares) {
    t.ok(share >= least && share <= most, `${what} are between ${least} and ${most} of all: ${share.toFixed(3)}`)
  }
}
