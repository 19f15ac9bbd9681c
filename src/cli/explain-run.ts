import { resolve } from 'node:path'
import { loadManifests } from '../adapters/manifests/load.ts'
import { readManifests } from '../adapters/manifests/read.ts'
import { parseYaml } from '../adapters/yaml.ts'
import { explainImages, findIgnoredSecrets, type ExplainedImage } from '../app/explain.ts'
import { createExplainWorkload, imagePod, type ExplainedUse } from '../app/explain-workload.ts'
import { listObjects } from '../app/inject.ts'
import type { ClusterView } from '../app/ports.ts'
import { exitCodes, formatProblem, PullpassError, type ExitCode } from '../core/errors.ts'
import type { Secret } from '../core/kubernetes.ts'
import type { CommandIo } from './command.ts'
import { readImages, readSecretFiles } from './explain-input.ts'
import type { ExplainFlags } from './explain-flags.ts'
import { imagesTable, objectLine, usesTable } from './explain-output.ts'
import { readInputs, renameProblem } from './inject-input.ts'
import { printable } from './table.ts'

/**
 * Runs `pullpass explain`: everything is read before anything is written.
 *
 * @returns 1 if any image has an error for an answer, else 0.
 * @throws PullpassError `file_unreadable`, `yaml_invalid`, `manifests_invalid`.
 */
export async function runExplain (names: readonly string[], flags: ExplainFlags, io: CommandIo): Promise<ExitCode> {
  const images = await readImages(names, io)
  const { manifests } = flags
  const answers = manifests === undefined
    ? await explainBySecrets(images, flags, io)
    : await explainByManifests(images, { ...flags, manifests }, io)
  return answers.some(({ error }) => error !== undefined) ? exitCodes.finding : exitCodes.ready
}

async function explainBySecrets (
  images: readonly string[], flags: ExplainFlags, io: CommandIo
): Promise<readonly ExplainedImage[]> {
  const secrets = await readSecretFiles(flags.secret, io)
  for (const { name, type } of findIgnoredSecrets(secrets)) {
    const found = type.startsWith('kubernetes.io/dockerc') ? 'has no data of its type' : `is of type ${type}`
    io.stderr.write(`secret ${printable(name)} ${printable(found)}, so that the kubelet passes it over; make it kubernetes.io/dockerconfigjson\n`)
  }
  const answers = explainImages(images, secrets)
  io.stdout.write(flags.output === 'json' ? toLines(answers) : imagesTable(answers, io.colours))
  return answers
}

type ManifestFlags = ExplainFlags & { readonly manifests: string }

async function explainByManifests (
  images: readonly string[], flags: ManifestFlags, io: CommandIo
): Promise<readonly ExplainedUse[]> {
  const { view, secrets } = await loadFacts(flags, io)
  const settings = {
    view,
    namespace: flags.namespace,
    parseYaml,
    secret: (namespace: string, name: string) => secrets.get(`${namespace}/${name}`)
  }
  const explainPod = createExplainWorkload({ ...settings, assumeEmptyAccounts: true })
  const explainObject = createExplainWorkload({ ...settings, assumeEmptyAccounts: false })
  const inputs = flags.filename.length === 0 ? [] : await readInputs(flags.filename, io)
  const objects = inputs.flatMap(({ manifest }) => manifest.documents.flatMap(({ value }) => listObjects(value)))
  const uses = [
    ...images.flatMap((image) => explainPod(imagePod(image))),
    ...objects.flatMap(({ object, implied }) => explainObject(object, implied))
  ]
  if (uses.length === 0) io.stderr.write('no object of the files names an image\n')
  io.stdout.write(flags.output === 'json' ? toLines(uses.map(objectLine)) : usesTable(uses, io.colours))
  return uses
}

interface Facts {
  readonly view: ClusterView
  /** By `namespace/name`. */
  readonly secrets: ReadonlyMap<string, Secret>
}

async function loadFacts (flags: ManifestFlags, io: CommandIo): Promise<Facts> {
  const path = resolve(io.workingDirectory, flags.manifests)
  const configFile = flags.config === undefined ? undefined : resolve(io.workingDirectory, flags.config)
  const source = { path, ownNamespace: flags.ownNamespace, ...configFile === undefined ? {} : { configFile } }
  const result = await loadManifests(source)
  const own = await readManifests(path)
  const rename = renameProblem([[path, flags.manifests], [configFile ?? path, flags.config ?? flags.manifests]])
  if (!result.ok) {
    const message = `explain: the facts in ${printable(flags.manifests)} cannot be used; mend what is listed below`
    throw new PullpassError('manifests_invalid', message, { problems: result.problems.map(rename) })
  }
  const { view, warnings } = result.loaded
  for (const warning of warnings.map(rename)) io.stderr.write(`${formatProblem(warning)} (warning)\n`)
  for (const { credential, message } of view.findings) io.stderr.write(`credential ${printable(credential)}: ${printable(message)} (warning)\n`)
  return { view, secrets: own.ok ? own.objects.secrets : new Map() }
}

function toLines (values: readonly object[]): string {
  return values.map((value) => `${JSON.stringify(value)}\n`).join('')
}
