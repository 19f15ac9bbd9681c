import { Command, Option } from 'commander'
import type { CommandDefinition } from './command.ts'
import { checkExplainFlags, type ExplainFlags } from './explain-flags.ts'
import { addFactOptions, addNamespaceOption, collect } from './options.ts'

const helpText = `
Examples:
  pullpass explain quay.io/acme/app:1 nginx --secret regcred.yaml
  pullpass explain quay.io/acme/app --secret ~/.docker/config.json --secret more.yaml -o json
  kubectl get pods -o jsonpath='{range .items[*].spec.containers[*]}{.image}{"\\n"}{end}' | pullpass explain - --secret s.yaml
  pullpass explain quay.io/acme/app --manifests cluster/ -n team-a
  pullpass explain -f deployment.yaml --manifests cluster/

With --secret: what the kubelet would try for a pod that lists exactly these secrets, in this order; no configuration
is needed. With --manifests: what Pullpass would add, what the kubelet would then try, and why not more.

Exit codes: 0 every image has an answer, also where nothing matches and the pull is anonymous; 1 an image is invalid
or a secret cannot be read by the kubelet; 2 usage or an invalid file.`

/** `pullpass explain`: which pull secrets the kubelet would try for an image, and why. */
export const explainCommand: CommandDefinition = (io, finish) => withFacts(new Command('explain'))
  .description('tell which pull secrets the kubelet would try for an image, and why')
  .argument('[image...]', 'images; - reads them from standard input, one a line')
  .option('--secret <file>', 'Secret, List of Secrets or docker config file, or - for standard input (repeatable)', collect, [])
  .option('-f, --filename <file>', 'file or folder of manifests whose images to explain (repeatable)', collect, [])
  .addOption(new Option('-o, --output <format>', 'a table, or one JSON object a line').choices(['table', 'json']).default('table'))
  .addHelpText('after', helpText)
  .action(async (images: string[], flags: ExplainFlags) => {
    checkExplainFlags(images, flags)
    const { runExplain } = await import('./explain-run.ts')
    finish(await runExplain(images, flags, io))
  })

function withFacts (command: Command): Command {
  return addNamespaceOption(addFactOptions(command), 'images, and of objects that name none')
}
