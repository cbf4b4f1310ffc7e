/** Every action that the server writes to the audit log, in words. */
const words: Readonly<Record<string, string>> = {
  'account.created': 'Account made',
  'account.disabled': 'Account disabled',
  'account.enabled': 'Account enabled again',
  'account.pin_policy_changed': 'Pin policy of new files changed',
  'account.public_content_changed': 'Public content allowed or refused',
  'account.quota_changed': 'Quota changed',
  'account.renamed': 'Account renamed',
  'account.viewed': 'Account looked at by an operator',
  'block.damaged': 'Stored block found damaged',
  'block.repaired': 'Damaged block made whole',
  'file.deleted': 'File unpinned',
  'file.expired': 'File expired',
  'file.imported': 'File imported',
  'file.unpinned': 'CID unpinned',
  'group.changed': 'Group changed',
  'group.created': 'Group made',
  'group.deleted': 'Group deleted',
  'installation.set_up': 'Installation set up',
  'key.created': 'Key made',
  'key.regenerated': 'Key regenerated',
  'key.revoked': 'Key revoked',
  'key.use_denied': 'Use of a key refused',
  'link.revoked': 'Link revoked',
  'link.signed': 'Link signed',
  'member.invite_withdrawn': 'Invite withdrawn',
  'member.invited': 'Person invited',
  'member.joined': 'Person joined',
  'member.removed': 'Person removed',
  'member.role_changed': 'Role changed',
  'session.ended': 'Session ended',
  'session.sign_in_failed': 'Sign-in failed',
  'session.sign_in_limited': 'Sign-ins stopped after too many tries',
  'session.signed_in': 'Signed in',
  'session.signed_out': 'Signed out',
  'session.switched_account': 'Switched account',
  'signing_key.rotated': 'Signing key rotated',
  'signature.added': 'CID signed',
  'signature.removed': 'Signature of a CID removed',
  'swap.ended': 'Swap of a CID ended',
  'swap.set': 'CID swapped',
  'user.password_changed': 'Password changed',
  'user.password_reset': 'Password set by a one-time link',
  'user.password_reset_made': 'One-time link for a password made',
}

/** The actions there are, by their words. */
export const auditActions: readonly { readonly action: string; readonly label: string }[] = Object.entries(words)
  .map(([action, label]) => ({ action, label }))
  .toSorted((a, b) => a.label.localeCompare(b.label))

/** An action in words; as it is where a newer server writes one that is not known here. */
export function wordsOf(action: string): string {
  return words[action] ?? action
}
