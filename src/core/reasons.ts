/**
 * Every reason that a decision can give, with its sentence. The code is the log field, the metric label, the audit
 * annotation and the heading in docs/reasons.md.
 */
export const reasons = {
  // inject
  images_covered: 'an offered credential covers at least one image',

  // skip: the request
  not_create: 'only CREATE is looked at; a pull secret list cannot change later',
  unsupported_resource: 'the resource is not one that Pullpass knows',
  kind_disabled: 'the configuration switches this kind off',
  namespace_not_opted_in: 'the namespace does not carry the opt-in label',
  opted_out: 'the object carries pullpass.dev/inject: disabled',
  mirror_pod: 'a mirror pod may not name secrets',
  object_malformed: 'there is no object, or one without a spec',
  list_malformed: 'imagePullSecrets is not a list',
  internal_error: 'Pullpass failed; the object was admitted as it was',

  // skip: images and credentials
  no_images: 'the object names no image',
  no_match: 'no offered credential covers an image',
  already_present: 'every secret that the images need is in the list already',
  namespace_unknown: 'a credential is offered by label to namespaces and this one has not been seen yet',
  coverage_pending: 'a configured credential has no planned copy yet',

  // left out: a credential that matches but is not added
  partial_segment: 'the key ends inside a path segment of the image, and a wrong login would block an anonymous pull',
  account_restricts_secrets: 'the service account allows only the pull secrets that it lists itself',
  hides_hub_login: 'adding it would hide the Docker Hub login that an image already has',
  hidden_by_other: 'another credential matches the image directly, so that the kubelet would never try this one',

  // skip: Workflows only
  workflow_template_ref: 'a Workflow with workflowTemplateRef may be refused by Argo if it sets fields of its own',
  account_unknown: 'a service account is not known, so that its own pull secrets could get lost',
  account_templated: 'the name of a service account is a template expression',
  template_ref: 'a templateRef may bring in service accounts that cannot be seen',
  argo_lookup_at_risk: 'a list would turn the anonymous look-up of a public image without command into a forbidden one'
} as const

export type ReasonCode = keyof typeof reasons

export type LeftOutReason = 'partial_segment' | 'account_restricts_secrets' | 'hides_hub_login' | 'hidden_by_other'
