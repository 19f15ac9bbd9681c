import { Command, Option } from 'commander'
import { PullpassError } from '../core/errors.ts'
import type { CommandDefinition } from './command.ts'
import type { CheckedInjectFlags, InjectFlags } from './inject-run.ts'
import { addFactOptions, addNamespaceOption, collect } from './options.ts'

const helpText = `
Examples:
  pullpass inject -f app.yaml --manifests cluster/ > injected.yaml
  helm template web charts/web | pullpass inject -f - -n team-a --manifests cluster/ | kubectl apply -f -
  pullpass inject -f deploy/ --manifests cluster/ --dry-run

Objects go to standard output, with comments, order and layout as they were; what was done to each, and why, to
standard error. Where -o asks for another format than the input has, every item of a List is printed on its own.

Exit codes: 0 done, 1 an object was left as it was since nothing could be added safely, 2 usage or an invalid file.`

/** `pullpass inject`: adds pull secrets to manifests before they reach a cluster. */
export const injectCommand: CommandDefinition = (io, finish) => withFacts(new Command('inject'))
  .description('add the pull secrets that the images need to manifests')
  .option('-f, --filename <file>', 'file or folder of manifests, or - for standard input (repeatable)', collect, [])
  .addOption(new Option('-o, --output <format>', 'format of the objects, if not that of the input').choices(['yaml', 'json']))
  .option('--dry-run', 'print a unified diff instead of the objects', false)
  .option('--assume-empty-accounts', 'take service accounts that are not known for ones without pull secrets', false)
  .addHelpText('after', helpText)
  .action(async (flags: InjectFlags) => {
    const checked = checkFlags(flags)
    const { runInject } = await import('./inject-run.ts')
    finish(await runInject(checked, io))
  })

function withFacts (command: Command): Command {
  return addNamespaceOption(addFactOptions(command), 'objects that name none')
}

function checkFlags (flags: InjectFlags): CheckedInjectFlags {
  const { filename, manifests } = flags
  if (filename.length === 0) {
    throw new PullpassError('usage_invalid', 'inject: no manifests to change; name a file with -f, or -f - for standard input')
  }
  if (filename.filter((name) => name === '-').length > 1) {
    throw new PullpassError('usage_invalid', 'inject: -f - is named twice; standard input can be read once')
  }
  if (manifests === undefined) {
    throw new PullpassError('usage_invalid', 'inject: name a folder with --manifests (cluster access comes later)')
  }
  return { ...flags, manifests }
}
