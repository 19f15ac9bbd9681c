import t from 'tap'
import { decide } from '../../src/core/decide.ts'
import { addedNames } from '../../src/core/decision.ts'
import { workflows } from '../../src/kinds/workflow.ts'
import { makeAccount, makeFacts, makeOffered } from '../helpers/builders.ts'
import { readWorkflow } from '../helpers/workflows.ts'

type AccountRow = readonly [name: string, spec: object, configured: string, expected: readonly object[]]

const accounts: readonly AccountRow[] = [
  ['none named', {}, '', [{ name: 'default' }]],
  ['none named, configured default', {}, 'argo', [{ name: 'argo' }]],
  ['the Workflow names one', { serviceAccountName: 'w' }, 'argo', [{ name: 'w' }]],
  ['templates name others, each once', {
    serviceAccountName: 'w',
    templateDefaults: { serviceAccountName: 'd' },
    templates: [{ serviceAccountName: 't' }, { serviceAccountName: 'w' }, {}, { steps: [[{ inline: { serviceAccountName: 'i' } }]] }]
  }, '', [{ name: 'w' }, { name: 't' }, { name: 'd' }, { name: 'i' }]],
  ['templated', { templates: [{ serviceAccountName: '{{inputs.parameters.sa}}' }] }, '', [{ name: 'default' }, { templated: '{{inputs.parameters.sa}}' }]],
  ['a patch may name one', {
    podSpecPatch: 'serviceAccountName: p',
    templates: [{ podSpecPatch: '{"serviceAccountName":"q"}' }, { podSpecPatch: 'serviceAccount: r' }]
  }, '', [{ name: 'default' }, { name: 'p' }, { name: 'q' }, { name: 'r' }]],
  ['a templated or unreadable patch may name any', {
    podSpecPatch: '{"serviceAccountName":"p","containers":[{"image":"{{x}}"}]}',
    templates: [{ podSpecPatch: 'serviceAccountName: [' }, { podSpecPatch: '{"terminationGracePeriodSeconds":{{x}}}' }]
  }, '', [{ name: 'default' }, { templated: 'spec.podSpecPatch' }, { templated: 'spec.templates[0].podSpecPatch' }]],
  ['the executor account gives no pull secrets', { executor: { serviceAccountName: 'e' } }, '', [{ name: 'default' }]]
]

for (const [name, spec, workflowDefaultServiceAccount, expected] of accounts) {
  t.test(`service accounts: ${name}`, async (t) => {
    t.strictSame(readWorkflow({ spec }, { workflowDefaultServiceAccount })?.accounts, expected)
  })
}

const templateRef = { name: 'other', template: 'x' }
type ReferenceRow = readonly [name: string, spec: object, workflowTemplateRef: boolean, templateRef: boolean]

const references: readonly ReferenceRow[] = [
  ['nothing', { templates: [{ steps: [[{ template: 'x' }]] }] }, false, false],
  ['F4 workflowTemplateRef', { workflowTemplateRef: { name: 'x' } }, true, false],
  ['a null workflowTemplateRef', { workflowTemplateRef: null }, false, false],
  ['F3 a step', { templates: [{ steps: [[{ template: 'x' }, { templateRef }]] }] }, false, true],
  ['a task', { templates: [{ dag: { tasks: [{ templateRef }] } }] }, false, true],
  ['a step of an inline template', { templates: [{ steps: [[{ inline: { steps: [[{ templateRef }]] } }]] }] }, false, true],
  ['a hook of the Workflow', { hooks: { exit: { templateRef } } }, false, true],
  ['a hook of a step', { templates: [{ steps: [[{ hooks: { running: { templateRef } } }]] }] }, false, true],
  ['a hook of a task', { templates: [{ dag: { tasks: [{ hooks: { running: { templateRef } } }] } }] }, false, true],
  ['hooks that name templates of the Workflow', { hooks: { exit: { template: 'x' } }, onExit: 'x' }, false, false],
  ['a task of the template defaults', { templateDefaults: { dag: { tasks: [{ templateRef }] } } }, false, true]
]

for (const [name, spec, workflowTemplateRef, templateRef] of references) {
  t.test(`references: ${name}`, async (t) => {
    t.strictSame(readWorkflow({ spec })?.references, { workflowTemplateRef, templateRef })
  })
}

const disabled = { labels: { 'pullpass.dev/inject': 'disabled' } }

t.test('a Workflow opts out by its own labels or by those that its pods or its Workflows get', async (t) => {
  t.equal(readWorkflow({ metadata: disabled, spec: {} })?.optedOut, true)
  t.equal(readWorkflow({ spec: { podMetadata: disabled } })?.optedOut, true)
  t.equal(readWorkflow({ spec: {} })?.optedOut, false)
  const cron = workflows.find(({ kind }) => kind === 'CronWorkflow')
  const object = { spec: { workflowMetadata: disabled, workflowSpec: {} } }
  t.equal(cron?.readScope(object, { workflowDefaultServiceAccount: '', parseYaml: () => undefined })?.optedOut, true)
})

const lists: ReadonlyArray<readonly [name: string, value: unknown, expected: object]> = [
  ['F1 a name', [{ name: 'secret-name' }], { list: 'present', hasItems: true, names: ['secret-name'] }],
  ['F6 empty', [], { list: 'present', hasItems: false, names: [] }],
  ['F21 null', null, { list: 'absent', names: [] }],
  ['F21 a text', 'x', { list: 'malformed' }],
  ['F21 null and an empty object', [null, {}], { list: 'present', hasItems: true, names: [] }]
]

for (const [name, imagePullSecrets, expected] of lists) {
  t.test(`a list: ${name}`, async (t) => { t.match(readWorkflow({ spec: { imagePullSecrets } }), expected) })
}

t.test('a Workflow has no mirror pods and no controller, and without a spec no scope', async (t) => {
  t.match(readWorkflow({ spec: {} }), { mirrorPod: false, controlled: false, images: [] })
  for (const spec of [undefined, null, [], 'x']) t.equal(readWorkflow({ spec }), undefined)
})

t.test('only Workflows are sent to the webhook, and every kind of them inherits later', async (t) => {
  t.strictSame(workflows.map(({ kind, handled }) => `${kind} ${handled}`), [
    'Workflow workflows', 'WorkflowTemplate offline', 'ClusterWorkflowTemplate offline', 'CronWorkflow offline'
  ])
  t.ok(workflows.every(({ inheritsLater }) => inheritsLater))
})

/** Rows of F.8 that a decision shows, on a private and a public image without command. */
const decisions: ReadonlyArray<readonly [name: string, spec: object, secrets: readonly string[], expected: string]> = [
  ['F7 a private image to look up', {}, [], 'acme'],
  ['F8 linked to the account already', {}, ['acme'], 'already_present'],
  ['F9 linked to the account of a template only', { serviceAccountName: 'w', templates: [{ serviceAccountName: 'default', container: { image: 'quay.io/acme/a' } }] },
    ['acme'], 'acme'],
  ['F9a only a public image to look up', { templates: [{ container: { image: 'quay.io/acme/a', command: ['x'] } }, { container: { image: 'nginx' } }] },
    [], 'argo_lookup_at_risk'],
  ['F3 templateRef', { templates: [{ container: { image: 'quay.io/acme/a' } }, { steps: [[{ templateRef }]] }] }, [], 'template_ref'],
  ['F4 workflowTemplateRef', { workflowTemplateRef: { name: 'x' } }, [], 'workflow_template_ref'],
  ['F17 nothing but templated images', { templates: [{ container: { image: '{{inputs.parameters.image}}' } }] }, [], 'no_match'],
  ['F21 entries without a name stay, ours is appended', { imagePullSecrets: [null, {}] }, ['x'], 'acme']
]

for (const [name, spec, secrets, expected] of decisions) {
  t.test(`a decision: ${name}`, async (t) => {
    const scope = readWorkflow({ spec: { templates: [{ container: { image: 'quay.io/acme/a' } }], ...spec } })
    const accounts = [makeAccount('default', secrets), makeAccount('w')]
    const facts = makeFacts(makeOffered({ acme: ['quay.io/acme'] }), accounts, { inheritsLater: true })
    const decision = scope && decide(scope, facts)
    t.equal(decision?.action === 'inject' ? addedNames(decision).join(' ') : decision?.reason, expected)
  })
}
