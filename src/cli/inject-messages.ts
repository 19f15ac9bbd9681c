import type { EditProblem } from '../adapters/manifests/edit-yaml.ts'
import type { InjectedObject, InjectResult } from '../app/inject.ts'
import { quote } from '../config/quote.ts'
import type { Addition, Decision } from '../core/decision.ts'
import { reasons } from '../core/reasons.ts'

/** A result, and why it could not be written into the text after all. */
export interface Report {
  readonly result: InjectResult
  readonly problem: EditProblem | undefined
}

const maxImages = 3

const editProblems: Readonly<Record<EditProblem, string>> = {
  aliased: 'the list, or what holds it, stands in several places through a YAML anchor; write it out, or ask for -o json',
  merged: 'the list, or what holds it, comes from a YAML merge key (<<); write it out, or ask for -o json',
  layout: 'the text is laid out in a way that is not edited in place; write the list out plainly, or ask for -o json'
}

/** One line about one object: `deployment/web (team-a): added acme-quay (quay.io/acme covers quay.io/acme/app)`. */
export function describeResult ({ result, problem }: Report): string {
  return `${describeObject(result.object)}: ${problem === undefined ? describeOutcome(result) : describeProblem(result, problem)}`
}

/** Outside text for a terminal: as it is if it is plain, else quoted with control characters written out. */
export function show (text: string): string {
  return /^[\x20-\x7e]+$/.test(text) && text.trim() === text ? text : quote(text)
}

function describeObject ({ kind, name, namespace }: InjectedObject): string {
  const place = namespace === undefined ? '' : ` (${show(namespace)})`
  return `${kind === '' ? '(no kind)' : show(kind.toLowerCase())}/${name === '' ? '(no name)' : show(name)}${place}`
}

function describeOutcome (result: InjectResult): string {
  const { decision, object } = result
  switch (result.outcome) {
    case 'injected': return `added ${describeAdditions(decision)}${describeLeftOut(decision)}`
    case 'refused': {
      const names = result.unknownAccounts.map(show).join(', ')
      return `not changed, service account ${names} of namespace ${show(object.namespace ?? '')} is not in the manifests, and its pull secrets would get lost; add it there, or pass --assume-empty-accounts`
    }
    case 'unchanged': return decision.action === 'inject'
      ? `unchanged, the namespace is in shadow mode; it would get ${describeAdditions(decision)}${describeLeftOut(decision)}`
      : `unchanged, ${reasons[decision.reason]}${describeLeftOut(decision)}`
  }
}

function describeProblem ({ decision }: InjectResult, problem: EditProblem): string {
  return `not changed, ${describeAdditions(decision)} cannot be added: ${editProblems[problem]}`
}

function describeAdditions (decision: Decision): string {
  if (decision.action === 'skip') return 'nothing'
  const inherited = decision.inherited.map((name) => `${show(name)} (from its service account)`)
  return [...inherited, ...decision.additions.map(describeAddition)].join(', ')
}

function describeAddition ({ name, key, images }: Addition): string {
  if (key === undefined) return `${show(name)} (companion)`
  const more = images.length > maxImages ? ` and ${images.length - maxImages} more` : ''
  return `${show(name)} (${show(key)} covers ${images.slice(0, maxImages).map(show).join(', ')}${more})`
}

function describeLeftOut ({ leftOut }: Decision): string {
  return leftOut.map(({ name, reason, image }) =>
    `; left out ${show(name)}${image === undefined ? '' : ` for ${show(image)}`}, ${reasons[reason]}`).join('')
}
