import { presets } from '@pinyon/contract/permissions.ts'
import type { Command } from 'commander'
import { expect, it } from 'vitest'
import { exitCodes } from './exit.ts'
import { createProgram } from './program.ts'

const program = createProgram(() => Promise.reject(new Error('help needs no context')))

it('helps with an example and a description for every command and every argument', () => {
  const names: string[] = []
  for (const command of commandsBelow(program)) {
    let help = ''
    command.configureOutput({ writeOut: (text) => (help += text) })
    command.outputHelp()
    names.push(command.name())
    expect(help, command.name()).not.toContain('[])')
    expect(help, command.name()).toMatch(/\nExamples?:\n {2}\.\/pinyon|\nExamples?:\n {2}echo/)
    expect(command.description(), command.name()).not.toBe('')
    for (const option of command.options) expect(option.description, option.flags).not.toBe('')
    for (const argument of command.registeredArguments) expect(argument.description, argument.name()).not.toBe('')
  }
  expect(names).toEqual(expect.arrayContaining(['pinyon', 'setup', 'regenerate', 'upload', 'add', 'rebuild-index']))
})

it('names every preset and every exit code', () => {
  let help = ''
  program.configureOutput({ writeOut: (text) => (help += text) })
  program.outputHelp()
  for (const code of Object.values(exitCodes)) expect(help).toMatch(new RegExp(`^ {2}${code} `, 'm'))
  const create = commandsBelow(program).find(
    (command) => command.name() === 'create' && command.parent?.name() === 'keys',
  )
  for (const preset of Object.keys(presets)) expect(create?.helpInformation()).toContain(preset)
})

function commandsBelow(command: Command): Command[] {
  return [command, ...command.commands.flatMap(commandsBelow)]
}
