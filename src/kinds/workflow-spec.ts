import { asList, asRecord, asText, member, memberAt, type UnknownRecord } from '../core/kubernetes.ts'
import type { AccountUse, ImageUse } from '../core/pull-scope.ts'
import { readPodImages, readVolumeImages } from './pod-spec.ts'
import { createSubstitute, type Substitute } from './workflow-parameters.ts'
import { readImage, type ReadContext } from './workload-kind.ts'

/** A template of a WorkflowSpec, wherever it stands. */
interface TemplateAt {
  readonly template: unknown
  readonly path: string
}

/** A WorkflowSpec, where it stands and what was found in it. */
export interface WorkflowSpecAt {
  readonly spec: UnknownRecord
  readonly path: string
  readonly templates: readonly TemplateAt[]
  readonly patches: readonly PatchAt[]
}

/** Finds the templates of a spec and parses its patches, once for all that is asked of them. */
export function openWorkflowSpec (spec: UnknownRecord, path: string, { parseYaml }: ReadContext): WorkflowSpecAt {
  const templates = listTemplates(spec, path)
  return { spec, path, templates, patches: listPatches({ spec, path, templates }, parseYaml) }
}

/** Argo documents one level of inlining; deeper ones are read all the same, up to here. */
const maxInlineDepth = 16

/** Every template: `templates`, `templateDefaults`, and what `steps` and `dag` inline (semantics F.2). */
function listTemplates (spec: UnknownRecord, path: string): TemplateAt[] {
  const roots = [
    ...asList(spec['templates']).map((template, index) => ({ template, path: `${path}.templates[${index}]` })),
    { template: spec['templateDefaults'], path: `${path}.templateDefaults` }
  ]
  const found: TemplateAt[] = []
  let level = roots
  for (let depth = 0; depth <= maxInlineDepth && level.length > 0; depth += 1) {
    found.push(...level)
    level = level.flatMap(listCalls)
      .map(({ step, path }) => ({ template: member(step, 'inline'), path: `${path}.inline` }))
  }
  return found.filter(({ template }) => asRecord(template) !== undefined)
}

/** The steps and tasks of a template. */
function listCalls ({ template, path }: TemplateAt): Array<{ readonly step: unknown, readonly path: string }> {
  const steps = asList(member(template, 'steps')).flatMap((group, i) =>
    asList(group).map((step, j) => ({ step, path: `${path}.steps[${i}][${j}]` })))
  const tasks = asList(memberAt(template, ['dag', 'tasks'])).map((step, i) => ({ step, path: `${path}.dag.tasks[${i}]` }))
  return [...steps, ...tasks]
}

/** Whether anything refers to a template of another object: steps, tasks and the hooks of each. */
export function hasTemplateRef ({ spec, templates }: WorkflowSpecAt): boolean {
  const callers = [spec, ...templates.flatMap(listCalls).map(({ step }) => step)]
  const hooks = callers.flatMap((caller) => Object.values(asRecord(member(caller, 'hooks')) ?? {}))
  return [...callers, ...hooks].some((caller) => asRecord(member(caller, 'templateRef')) !== undefined)
}

const accountFields = ['serviceAccountName', 'serviceAccount'] as const

/** The accounts that pods run as: the Workflow's own first, then each template's and patch's, each once. */
export function listAccounts (at: WorkflowSpecAt, context: ReadContext): AccountUse[] {
  const own = asText(at.spec['serviceAccountName']) ?? (context.workflowDefaultServiceAccount || 'default')
  const patches = at.patches.filter(({ runsTemplates }) => runsTemplates)
  const owners = [...at.templates.map(({ template }) => template), ...patches.map(({ patch }) => patch)]
  const namesOf = (owner: unknown): string[] => accountFields.flatMap((field) => asText(member(owner, field)) ?? [])
  const names = [...new Set([own, ...owners.flatMap(namesOf)])]
  // What cannot be read may name any account.
  const unread = patches.filter(({ patch, text }) => patch === undefined && /account/i.test(text))
  return [
    ...names.map((name) => name.includes('{{') ? { templated: name } : { name }),
    ...unread.map(({ path }) => ({ templated: path }))
  ]
}

/** Every image pulled with the Workflow's list (semantics F.2), parameters filled in where they are literal. */
export function listImages ({ spec, path, templates, patches }: WorkflowSpecAt): ImageUse[] {
  const substitute = createSubstitute(spec)
  const plugins = asList(spec['executorPlugins']).flatMap((plugin, index) => {
    const image = memberAt(plugin, ['spec', 'sidecar', 'container', 'image'])
    return readImage(substitute(image), `${path}.executorPlugins[${index}].spec.sidecar.container.image`)
  })
  return [
    ...templates.flatMap((template) => readTemplateImages(template, substitute)),
    ...readVolumeImages(spec, path, substitute),
    ...plugins,
    ...patches.flatMap(readPatchImages)
  ]
}

interface ContainerAt {
  readonly name: string
  readonly container: unknown
  readonly path: string
  readonly init: boolean
}

/** The containers of a template's pod, but for Argo's own; by name, as `podSpecPatch` addresses them. */
function listContainers ({ template, path }: TemplateAt): ContainerAt[] {
  const main = ['container', 'script'].map((field) =>
    ({ name: 'main', container: member(template, field), path: `${path}.${field}`, init: false }))
  const set = namedContainers(memberAt(template, ['containerSet', 'containers']), `${path}.containerSet.containers`, false)
  const init = namedContainers(member(template, 'initContainers'), `${path}.initContainers`, true)
  const sidecars = namedContainers(member(template, 'sidecars'), `${path}.sidecars`, false)
  return [...main, ...set, ...init, ...sidecars].filter(({ container }) => asRecord(container) !== undefined)
}

function namedContainers (list: unknown, path: string, init: boolean): ContainerAt[] {
  return asList(list).map((container, index) =>
    ({ name: asText(member(container, 'name')) ?? '', container, path: `${path}[${index}]`, init }))
}

function readTemplateImages (at: TemplateAt, substitute: Substitute): ImageUse[] {
  const containers = listContainers(at).flatMap(({ container, path, init }) =>
    readImage(substitute(member(container, 'image')), `${path}.image`, !init && lacksCommand(container)))
  return [...containers, ...readVolumeImages(at.template, at.path, substitute)]
}

function lacksCommand (container: unknown): boolean {
  return asList(member(container, 'command')).length === 0
}

/** Which container names of a template lack a command. */
type Lookups = ReadonlyMap<string, boolean>

/** A `podSpecPatch`, where it stands and what it patches. */
interface PatchAt {
  readonly text: string
  /** The parsed text; undefined for one that is templated or cannot be read. */
  readonly patch: unknown
  readonly path: string
  /** Whether it goes to pods of templates, and not to those that collect garbage. */
  readonly runsTemplates: boolean
  /** Worked out only where there is a patch to read, which is rare. */
  readonly lookups: () => Lookups
}

/**
 * The Workflow's patch, which goes to every template (a look-up in any of them counts), each template's own, and that
 * of artifact garbage collection. One that is templated or unreadable names no image (semantics F.8, F14).
 */
function listPatches (
  { spec, path, templates }: Omit<WorkflowSpecAt, 'patches'>,
  parseYaml: ReadContext['parseYaml']
): PatchAt[] {
  const own = templates.map(({ template, path }) =>
    ({ text: member(template, 'podSpecPatch'), owner: path, runsTemplates: true, lookups: () => readLookups(template) }))
  const anyLookup = (): Lookups => new Map(own.flatMap(({ lookups }) => [...lookups()]).filter(([, lookup]) => lookup))
  const texts = [
    { text: spec['podSpecPatch'], owner: path, runsTemplates: true, lookups: anyLookup },
    ...own,
    { text: memberAt(spec, ['artifactGC', 'podSpecPatch']), owner: `${path}.artifactGC`, runsTemplates: false, lookups: noLookups }
  ]
  return texts.flatMap(({ text, owner, ...patch }) => typeof text !== 'string'
    ? []
    : [{ ...patch, text, patch: text.includes('{{') ? undefined : parseYaml(text), path: `${owner}.podSpecPatch` }])
}

/** Argo looks nothing up for pods that collect garbage. */
function noLookups (): Lookups {
  return new Map()
}

function readLookups (template: unknown): Lookups {
  return new Map(listContainers({ template, path: '' })
    .map(({ name, container, init }) => [name, !init && lacksCommand(container)]))
}

function readPatchImages ({ patch, path, lookups }: PatchAt): ImageUse[] {
  const patched = lookups()
  const needsLookup = (container: unknown): boolean =>
    lacksCommand(container) && patched.get(asText(member(container, 'name')) ?? '') === true
  const looked = new Set(asList(member(patch, 'containers')).flatMap((container, index) =>
    needsLookup(container) ? [`${path}.containers[${index}].image`] : []))
  return readPodImages(patch, path).map((use) => ({ ...use, needsLookup: looked.has(use.path) }))
}
