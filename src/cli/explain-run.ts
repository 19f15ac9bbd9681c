import { parseYaml } from '../adapters/yaml.ts'
import { explainImages, findIgnoredSecrets, type ExplainedImage } from '../app/explain.ts'
import { createExplainWorkload, imagePod, type ExplainedUse } from '../app/explain-workload.ts'
import { listObjects } from '../app/inject.ts'
import type { ClusterView } from '../app/ports.ts'
import { exitCodes, type ExitCode } from '../core/errors.ts'
import type { CommandIo } from './command.ts'
import { readImages, readSecretFiles } from './explain-input.ts'
import type { ExplainFlags } from './explain-flags.ts'
import { imagesTable, objectLine, usesTable } from './explain-output.ts'
import { loadFacts } from './load-facts.ts'
import { readInputs } from './manifest-input.ts'
import { standardNamespace } from './options.ts'
import { printable } from './table.ts'

/**
 * Runs `pullpass explain`: everything is read before anything is written.
 *
 * @returns 1 if any image has an error for an answer, else 0.
 * @throws PullpassError `file_unreadable`, `yaml_invalid`, `manifests_invalid`.
 */
export async function runExplain (names: readonly string[], flags: ExplainFlags, io: CommandIo): Promise<ExitCode> {
  const images = await readImages(names, io)
  if (names.length > 0 && images.length === 0) io.stderr.write('no image was read from standard input\n')
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
  if (answers.length > 0) io.stdout.write(flags.output === 'json' ? toLines(answers) : imagesTable(answers, io.colours))
  return answers
}

type ManifestFlags = ExplainFlags & { readonly manifests: string }

async function explainByManifests (
  images: readonly string[], flags: ManifestFlags, io: CommandIo
): Promise<readonly ExplainedUse[]> {
  const { view, secret } = await loadFacts(flags, io)
  const { namespace = standardNamespace } = flags
  const settings = { view, namespace, parseYaml, secret }
  const explainPod = createExplainWorkload({ ...settings, assumeEmptyAccounts: true })
  const explainObject = createExplainWorkload({ ...settings, assumeEmptyAccounts: false })
  const inputs = flags.filename.length === 0 ? [] : await readInputs(flags.filename, io)
  const objects = inputs.flatMap(({ manifest }) => manifest.documents.flatMap(({ value }) => listObjects(value)))
  const objectUses = objects.flatMap(({ object, implied }) => explainObject(object, implied))
  const uses = [...images.flatMap((image) => explainPod(imagePod(image))), ...objectUses]
  if (flags.filename.length > 0 && objectUses.length === 0) {
    io.stderr.write('no object of the files named with -f names an image\n')
  }
  io.stderr.write(describeUnknownNamespaces(uses, view))
  if (uses.length > 0) io.stdout.write(flags.output === 'json' ? toLines(uses.map(objectLine)) : usesTable(uses, io.colours))
  return uses
}

/** A line for each namespace that the manifests lack: a forgotten `-n`, or a typing error. */
function describeUnknownNamespaces (uses: readonly ExplainedUse[], view: ClusterView): string {
  const namespaces = new Set(uses.flatMap(({ object: { namespace } }) => namespace ?? []))
  return [...namespaces].filter((namespace) => view.namespaceLabels(namespace) === undefined)
    .map((namespace) => `namespace ${printable(namespace)} is not in the manifests; name one with -n, or add it there\n`)
    .join('')
}

function toLines (values: readonly object[]): string {
  return values.map((value) => `${JSON.stringify(value)}\n`).join('')
}
