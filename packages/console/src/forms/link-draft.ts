/** An upload link as it is being filled in. */
export interface LinkDraft {
  readonly seconds: number
  readonly network: 'public' | 'private'
  readonly name: string
  readonly mebibytes: string
  /** Separated by commas or spaces. */
  readonly types: string
}

/** What is wrong with which field, in words. */
type LinkProblems = Partial<Record<'mebibytes' | 'types', string>>

/** The body of the request that signs it, and what is wrong with it. */
export function presentLinkDraft({ seconds, network, name, mebibytes, types }: LinkDraft) {
  const size = mebibytes.trim().replace(',', '.')
  const allowed = types.split(/[\s,;]+/).filter((type) => type !== '')
  const wrong = allowed.find((type) => !/^(directory|\*|[\w!#$&^.+-]+\/(\*|[\w!#$&^.+-]+))$/.test(type))
  const isSize = size === '' || /^\d{1,9}(\.\d{1,6})?$/.test(size)
  const problems: LinkProblems = {
    ...(isSize ? {} : { mebibytes: 'Write a number such as 10 or 0.5.' }),
    ...(wrong === undefined ? {} : { types: `${wrong} is not a type. Write image/png, image/* or directory.` }),
  }
  return {
    body: {
      expires: seconds,
      network,
      ...(name === '' ? {} : { filename: name }),
      ...(size === '' || !isSize ? {} : { max_file_size: Math.round(Number(size) * 1024 ** 2) }),
      ...(allowed.length === 0 ? {} : { allow_mime_types: allowed }),
    },
    problems,
  }
}
