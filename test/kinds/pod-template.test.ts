import t from 'tap'
import { podTemplates } from '../../src/kinds/pod-template.ts'

const context = { workflowDefaultServiceAccount: '', parseYaml: () => undefined }
const disabled = { labels: { 'pullpass.dev/inject': 'disabled' } }

/** The object with the template at the place where the kind has it. */
function wrap (kind: string, template: unknown, metadata: unknown = {}): Record<string, unknown> {
  const spec = kind === 'CronJob' ? { jobTemplate: { spec: { template } } } : { template }
  return { metadata, spec }
}

const places: Readonly<Record<string, string>> = { CronJob: 'spec.jobTemplate.spec.template.spec' }

for (const { kind, handled, inheritsLater, readScope } of podTemplates) {
  t.test(`${kind}: list, images and account of its template`, async (t) => {
    const spec = { containers: [{ image: 'quay.io/a' }], serviceAccountName: 'builder', imagePullSecrets: [{ name: 'x' }] }
    const scope = readScope(wrap(kind, { spec }), context)
    const place = places[kind] ?? 'spec.template.spec'
    t.match(scope, { names: ['x'], accounts: [{ name: 'builder' }], images: [{ path: `${place}.containers[0].image` }] })
    t.strictSame(scope?.listPath, [...place.split('.'), 'imagePullSecrets'])
    t.match({ handled, inheritsLater }, { handled: 'offline', inheritsLater: true })
  })

  t.test(`${kind}: opted out by itself or by its pods`, async (t) => {
    t.equal(readScope(wrap(kind, { spec: {} }, disabled), context)?.optedOut, true)
    t.equal(readScope(wrap(kind, { metadata: disabled, spec: {} }), context)?.optedOut, true)
    t.equal(readScope(wrap(kind, { spec: {} }), context)?.optedOut, false)
  })

  t.test(`${kind}: no template, no scope`, async (t) => {
    for (const template of [undefined, null, [], 'x', {}]) t.equal(readScope(wrap(kind, template), context), undefined)
    t.equal(readScope({}, context), undefined)
  })
}
