import { asList, asText, member, memberAt, type UnknownRecord } from '../core/kubernetes.ts'

/** Fills in what is known of a templated text; anything but a string comes back as it is. */
export type Substitute = (value: unknown) => unknown

const parameterPrefix = 'workflow.parameters.'

/** Fills in `{{workflow.parameters.NAME}}` from the spec's own arguments, and nothing else (semantics F.6). */
export function createSubstitute (spec: UnknownRecord): Substitute {
  const parameters = readParameters(spec)
  return (value) => typeof value === 'string' && value.includes('{{') ? substitute(value, parameters) : value
}

/** `spec.arguments.parameters` that have a literal value, as text. */
function readParameters (spec: UnknownRecord): ReadonlyMap<string, string> {
  return new Map(asList(memberAt(spec, ['arguments', 'parameters'])).flatMap((parameter): Array<[string, string]> => {
    const name = asText(member(parameter, 'name'))
    const value = member(parameter, 'value')
    const literal = ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : undefined
    return name === undefined || literal === undefined || literal.includes('{{') ? [] : [[name, literal]]
  }))
}

function substitute (text: string, parameters: ReadonlyMap<string, string>): string {
  return text.split('{{').map((piece, index) => {
    if (index === 0) return piece
    const end = piece.indexOf('}}')
    const tag = end === -1 ? '' : piece.slice(0, end).trim()
    const value = tag.startsWith(parameterPrefix) ? parameters.get(tag.slice(parameterPrefix.length)) : undefined
    return value === undefined ? `{{${piece}` : value + piece.slice(end + 2)
  }).join('')
}
