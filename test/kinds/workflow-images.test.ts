import t from 'tap'
import { parse } from 'yaml'
import { workflows } from '../../src/kinds/workflow.ts'
import { readWorkflow } from '../helpers/workflows.ts'

/** `path=text`, with `?` where Argo looks the entrypoint up and `!` where the image is not a reference. */
function images (spec: object): string[] {
  return readWorkflow({ spec })?.images.map(({ path, text, reading, needsLookup }) =>
    `${path}=${text}${needsLookup ? '?' : ''}${reading.state === 'parsed' ? '' : ` !${reading.state}`}`) ?? []
}

const command = ['run']
const q = 'quay.io/x/y'
const inT = (template: object): object => ({ templates: [template] })

const rows: ReadonlyArray<readonly [name: string, spec: object, expected: readonly string[]]> = [
  ['container', inT({ container: { image: q } }), [`spec.templates[0].container.image=${q}?`]],
  ['container with a command', inT({ container: { image: q, command } }), [`spec.templates[0].container.image=${q}`]],
  ['container with an empty command', inT({ container: { image: q, command: [] } }), [`spec.templates[0].container.image=${q}?`]],
  ['script', inT({ script: { image: q, command, source: 'x' } }), [`spec.templates[0].script.image=${q}`]],
  ['container set', inT({ containerSet: { containers: [{ name: 'a', image: 'a', command }, { name: 'b', image: 'b' }] } }),
    ['spec.templates[0].containerSet.containers[0].image=a', 'spec.templates[0].containerSet.containers[1].image=b?']],
  ['init containers are not looked up', inT({ initContainers: [{ image: q }] }), [`spec.templates[0].initContainers[0].image=${q}`]],
  ['sidecars', inT({ sidecars: [{ image: q }] }), [`spec.templates[0].sidecars[0].image=${q}?`]],
  ['volumes of a template', inT({ volumes: [{ image: { reference: q } }] }), [`spec.templates[0].volumes[0].image.reference=${q}`]],
  ['volumes of the Workflow', { volumes: [{ image: { reference: q } }] }, [`spec.volumes[0].image.reference=${q}`]],
  ['executor plugins', { executorPlugins: [{ spec: { sidecar: { container: { image: q } } } }] },
    [`spec.executorPlugins[0].spec.sidecar.container.image=${q}`]],
  ['F11 inline in steps', inT({ steps: [[{ name: 'a', inline: { container: { image: q } } }]] }),
    [`spec.templates[0].steps[0][0].inline.container.image=${q}?`]],
  ['inline in dag', inT({ dag: { tasks: [{ name: 'a' }, { inline: { container: { image: q, command } } }] } }),
    [`spec.templates[0].dag.tasks[1].inline.container.image=${q}`]],
  ['inline in inline', inT({ steps: [[{ inline: { dag: { tasks: [{ inline: { script: { image: q } } }] } } }]] }),
    [`spec.templates[0].steps[0][0].inline.dag.tasks[0].inline.script.image=${q}?`]],
  ['F12 template defaults', { templateDefaults: { container: { image: 'quay.io/d' } } }, ['spec.templateDefaults.container.image=quay.io/d?']],
  ['F15 a resource is not this pod', inT({ resource: { manifest: `{"spec":{"containers":[{"image":"${q}"}]}}` } }), []],
  ['data, http, plugin, suspend', { templates: [{ data: {} }, { http: { url: 'x' } }, { plugin: { a: { image: q } } }, { suspend: {} }] }, []],
  ['F16 a parameter', { arguments: { parameters: [{ name: 'reg', value: 'quay.io/org' }] }, ...inT({ container: { image: '{{workflow.parameters.reg}}/app:1' } }) },
    ['spec.templates[0].container.image=quay.io/org/app:1?']],
  ['a parameter in a volume and in a plugin', {
    arguments: { parameters: [{ name: 'reg', value: 'quay.io' }] },
    volumes: [{ image: { reference: '{{workflow.parameters.reg}}/v' } }],
    executorPlugins: [{ spec: { sidecar: { container: { image: '{{workflow.parameters.reg}}/p' } } } }]
  }, ['spec.volumes[0].image.reference=quay.io/v', 'spec.executorPlugins[0].spec.sidecar.container.image=quay.io/p']],
  ['several parameters, spaces and numbers', {
    arguments: { parameters: [{ name: 'a', value: 'app' }, { name: 'v', value: 1 }] },
    ...inT({ container: { image: 'quay.io/{{ workflow.parameters.a }}:{{workflow.parameters.v}}' } })
  }, ['spec.templates[0].container.image=quay.io/app:1?']],
  ['F17 inputs are not known', inT({ container: { image: '{{inputs.parameters.image}}' } }),
    ['spec.templates[0].container.image={{inputs.parameters.image}}? !templated']],
  ['F18 an item is not known', inT({ container: { image: 'reg.example.com/{{item}}' } }),
    ['spec.templates[0].container.image=reg.example.com/{{item}}? !templated']],
  ['an expression is not known', inT({ container: { image: '{{=workflow.parameters.a}}' } }),
    ['spec.templates[0].container.image={{=workflow.parameters.a}}? !templated']],
  ['a tag that is not closed', { arguments: { parameters: [{ name: 'a', value: 'b' }] }, ...inT({ container: { image: 'x{{workflow.parameters.a' } }) },
    ['spec.templates[0].container.image=x{{workflow.parameters.a? !templated']],
  ['a parameter without a literal value', {
    arguments: { parameters: [{ name: 'a', valueFrom: {} }, { name: 'b', value: '{{c}}' }, { value: 'x' }, null] },
    ...inT({ container: { image: '{{workflow.parameters.a}}{{workflow.parameters.b}}' } })
  }, ['spec.templates[0].container.image={{workflow.parameters.a}}{{workflow.parameters.b}}? !templated']],
  ['the text of an image that cannot be parsed', inT({ container: { image: 'UPPER' } }), ['spec.templates[0].container.image=UPPER? !invalid']]
]

for (const [name, spec, expected] of rows) {
  t.test(`images: ${name}`, async (t) => { t.strictSame(images(spec), expected) })
}

t.test('inlining is followed to a bound', async (t) => {
  const nest = (depth: number): object =>
    depth === 0 ? { container: { image: q } } : { steps: [[{ inline: nest(depth - 1) }]] }
  t.equal(images(inT(nest(16))).length, 1)
  t.equal(images(inT(nest(17))).length, 0)
})

const patchJson = '{"containers":[{"name":"main","image":"quay.io/p"}]}'
const patchYaml = 'initContainers:\n- image: quay.io/i\nvolumes:\n- image: {reference: quay.io/v}\n'

const patches: ReadonlyArray<readonly [name: string, spec: object, expected: readonly string[]]> = [
  ['F13 JSON', { podSpecPatch: patchJson }, ['spec.podSpecPatch.containers[0].image=quay.io/p']],
  ['F13 YAML', { podSpecPatch: patchYaml },
    ['spec.podSpecPatch.initContainers[0].image=quay.io/i', 'spec.podSpecPatch.volumes[0].image.reference=quay.io/v']],
  ['F14 templated', { podSpecPatch: '{"containers":[{"image":"{{x}}"}]}' }, []],
  ['F14 not parseable', { podSpecPatch: '{"containers": [' }, []],
  ['a patch that is no text', { podSpecPatch: { containers: [{ image: q }] } }, []],
  ['a patch that is a list', { podSpecPatch: '[1]' }, []],
  ['of artifact GC', { artifactGC: { podSpecPatch: patchJson } }, ['spec.artifactGC.podSpecPatch.containers[0].image=quay.io/p']],
  ['of a template, whose container lacks a command', inT({ container: { image: 'a' }, podSpecPatch: patchJson }),
    ['spec.templates[0].container.image=a?', 'spec.templates[0].podSpecPatch.containers[0].image=quay.io/p?']],
  ['of a template, whose container has a command', inT({ container: { image: 'a', command }, podSpecPatch: patchJson }),
    ['spec.templates[0].container.image=a', 'spec.templates[0].podSpecPatch.containers[0].image=quay.io/p']],
  ['a patch that brings the command', inT({ container: { image: 'a' }, podSpecPatch: '{"containers":[{"name":"main","image":"b","command":["c"]}]}' }),
    ['spec.templates[0].container.image=a?', 'spec.templates[0].podSpecPatch.containers[0].image=b']],
  ['an init container of the same image is not looked up', inT({
    container: { image: 'a' },
    podSpecPatch: '{"containers":[{"name":"main","image":"b"}],"initContainers":[{"name":"i","image":"b"}]}'
  }), ['spec.templates[0].container.image=a?', 'spec.templates[0].podSpecPatch.containers[0].image=b?',
    'spec.templates[0].podSpecPatch.initContainers[0].image=b']],
  ['a container without a name', inT({ container: { image: 'a' }, podSpecPatch: '{"containers":[{"image":"b"}]}' }),
    ['spec.templates[0].container.image=a?', 'spec.templates[0].podSpecPatch.containers[0].image=b']],
  ['of the Workflow, if any template lacks a command', {
    podSpecPatch: patchJson, templates: [{ container: { image: 'a', command } }, { container: { image: 'b' } }]
  }, ['spec.templates[0].container.image=a', 'spec.templates[1].container.image=b?', 'spec.podSpecPatch.containers[0].image=quay.io/p?']],
  ['of the Workflow, where every template has a command', { podSpecPatch: patchJson, templates: [{ container: { image: 'a', command } }] },
    ['spec.templates[0].container.image=a', 'spec.podSpecPatch.containers[0].image=quay.io/p']]
]

for (const [name, spec, expected] of patches) {
  t.test(`podSpecPatch: ${name}`, async (t) => { t.strictSame(images(spec), expected) })
}

t.test('a CronWorkflow has its spec deeper', async (t) => {
  const cron = workflows.find(({ kind }) => kind === 'CronWorkflow')
  const object = { spec: { workflowSpec: { imagePullSecrets: [{ name: 'x' }], ...inT({ container: { image: q } }) } } }
  const scope = cron?.readScope(object, { workflowDefaultServiceAccount: '', parseYaml: parse })
  t.strictSame(scope?.listPath, ['spec', 'workflowSpec', 'imagePullSecrets'])
  t.match(scope, { names: ['x'], images: [{ path: 'spec.workflowSpec.templates[0].container.image' }] })
})
