/** One instruction of a Dockerfile, continued lines joined. */
export interface Instruction {
  readonly name: string
  readonly value: string
}

/** What the rules need to know of the folder that the image is built from. */
export interface BuildContext {
  readonly exists: (path: string) => boolean
}

/** Instructions in order; comments and blank lines left out. */
export function parseDockerfile (text: string): readonly Instruction[] {
  const lines = text.split('\n').filter((line) => !/^\s*(#|$)/.test(line)).join('\n').replaceAll(/\\\n/g, ' ').split('\n')
  return lines.map((line) => {
    const [name = '', ...rest] = line.trim().split(/\s+/)
    return { name: name.toUpperCase(), value: rest.join(' ') }
  })
}

type Rule = (stages: Stages, context: BuildContext) => readonly string[]

interface Stages {
  readonly all: readonly Instruction[]
  readonly args: ReadonlyMap<string, string>
  readonly last: readonly Instruction[]
}

function valuesOf (instructions: readonly Instruction[], name: string): readonly string[] {
  return instructions.filter((one) => one.name === name).map((one) => one.value)
}

function stagesOf (all: readonly Instruction[]): Stages {
  const args = valuesOf(all, 'ARG').map((value): [string, string] => {
    const [key = '', ...rest] = value.split('=')
    return [key, rest.join('=')]
  })
  return { all, args: new Map(args), last: all.slice(all.findLastIndex((one) => one.name === 'FROM')) }
}

function isExecForm (value: string): boolean {
  try {
    return Array.isArray(JSON.parse(value))
  } catch {
    return false
  }
}

const rules: readonly Rule[] = [
  ({ all }) => valuesOf(all, 'FROM').length > 1 ? [] : ['one stage only; build in a stage of its own'],
  ({ all, args }) => valuesOf(all, 'FROM').flatMap((value) => {
    const image = value.split(' ')[0]?.replace(/^\$\{?(\w+)\}?$/, (_, key: string) => args.get(key) ?? '') ?? ''
    if (image === '') return [`FROM ${value} takes its image from an ARG without a value`]
    return /:[^/]+$|@sha256:/.test(image) && !/:latest\b/.test(image) ? [] : [`FROM ${image} floats; name a version`]
  }),
  ({ all }) => valuesOf(all, 'FROM').filter((value) => !/^\$\{?\w+\}?/.test(value))
    .map((value) => `FROM ${value} cannot be pinned by digest from outside; use an ARG`),
  ({ all }) => valuesOf(all, 'ADD').map((value) => `ADD ${value}; COPY does no more than it says`),
  ({ all }) => valuesOf(all, 'RUN').filter((value) => /\bnpm (ci|i|install)\b/.test(value))
    .filter((value) => !/npm ci\b.*--ignore-scripts/.test(value))
    .map((value) => `RUN ${value}; use npm ci --ignore-scripts`),
  ({ last }) => /^[1-9]\d{3,}(:[1-9]\d{3,})?$/.test(valuesOf(last, 'USER').at(-1) ?? '')
    ? []
    : ['the last stage needs USER with a number that is not 0, for runAsNonRoot'],
  ({ last }) => valuesOf(last, 'RUN').map((value) => `RUN ${value} needs a shell in the last stage`),
  ({ last }) => valuesOf(last, 'ENTRYPOINT').length === 1 ? [] : ['the last stage needs one ENTRYPOINT'],
  ({ last }) => [...valuesOf(last, 'ENTRYPOINT'), ...valuesOf(last, 'CMD')].filter((value) => !isExecForm(value))
    .map((value) => `${value} is in shell form: signals would not reach the program`),
  ({ all }, context) => valuesOf(all, 'COPY').filter((value) => !value.startsWith('--from='))
    .flatMap((value) => value.split(' ').slice(0, -1))
    .filter((path) => !context.exists(path))
    .map((path) => `COPY ${path}: there is no such file, or .dockerignore keeps it away`)
]

/** Everything that is wrong with a Dockerfile; empty: nothing. */
export function lintDockerfile (text: string, context: BuildContext): readonly string[] {
  const stages = stagesOf(parseDockerfile(text))
  return rules.flatMap((rule) => rule(stages, context))
}
