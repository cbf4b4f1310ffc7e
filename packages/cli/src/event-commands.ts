import { type Command, Option } from 'commander'
import type { ContextOf } from './context.ts'
import type { FollowOptions } from './commands/events.ts'
import type { UsageOptions } from './commands/usage.ts'
import type { WebhookOptions } from './commands/webhooks.ts'

/** `webhooks`, `events`, `gateways`, `usage`: what happens here, and who reads what. */
export function addEventCommands(program: Command, contextOf: ContextOf): void {
  addWebhookCommands(program, contextOf)
  program
    .command('events')
    .description('follow what happens to files, pins and keys, as it happens; Ctrl-C ends it')
    .option('--kind <kind>', 'only this kind, such as ipfs.public.file_added; again for more', collect, [])
    .option('--after <id>', 'begin behind this event')
    .option('--count <n>', 'end after so many')
    .addHelpText('after', '\nExample:\n  ./pinyon events --json | jq -r .data.object.cid')
    .action(async (options: FollowOptions, command: Command) =>
      (await import('./commands/events.ts')).followEvents(await contextOf(command), options),
    )
  addGatewayCommands(program, contextOf)
  program
    .command('usage')
    .description(
      'what the gateway served of your public files: requests and bandwidth by day, and what is asked for most',
    )
    .option('--from <day>', 'such as 2026-02-01; 30 days ago when left out')
    .option('--to <day>', 'this day included; today when left out')
    .addOption(new Option('--by <period>', 'add up by').choices(['day', 'week']).default('day'))
    .addOption(
      new Option('--top <dimension>', 'what is asked for most, by')
        .choices(['cid', 'file_name', 'user_agent', 'referer', 'country', 'region'])
        .default('cid'),
    )
    .option('--limit <n>', 'how many of these', '10')
    .addHelpText('after', '\nExample:\n  ./pinyon usage --from 2026-02-01 --by week --top file_name')
    .action(async (options: UsageOptions, command: Command) =>
      (await import('./commands/usage.ts')).usage(await contextOf(command), options),
    )
}

function addWebhookCommands(program: Command, contextOf: ContextOf): void {
  const webhooks = program
    .command('webhooks')
    .description('have another program told what happens: make, list, change, test, look at what was sent')
    .addHelpText(
      'after',
      '\nExample:\n  ./pinyon webhooks create https://app.example.org/hook --kind ipfs.public.file_added',
    )
  const load = () => import('./commands/webhooks.ts')
  webhooks
    .command('create')
    .description('make a webhook; its secret is shown once')
    .argument('<url>', 'where events are sent')
    .option('--name <name>', 'what it is called here')
    .option('--kind <kind>', 'only this kind of event; again for more', collect, [])
    .addHelpText('after', '\nExample:\n  ./pinyon webhooks create https://app.example.org/hook --name app')
    .action(async (url: string, options: WebhookOptions, command: Command) =>
      (await load()).createWebhook(await contextOf(command), url, options),
    )
  webhooks
    .command('list')
    .alias('ls')
    .description('list webhooks')
    .addHelpText('after', '\nExample:\n  ./pinyon webhooks ls')
    .action(async (_options: unknown, command: Command) => (await load()).listWebhooks(await contextOf(command)))
  webhooks
    .command('update')
    .description('change a webhook, or make a disabled one active again')
    .argument('<id>', 'the id of the webhook')
    .option('--url <url>', 'send to this address')
    .option('--name <name>', 'call it so')
    .option('--kind <kind>', 'only this kind of event; again for more', collect, [])
    .option('--all-kinds', 'every kind of event')
    .option('--enable', 'make it active again')
    .option('--disable', 'send nothing more')
    .addHelpText('after', '\nExample:\n  ./pinyon webhooks update 019c1f0e-5a2b-7c3d-8e4f-0123456789ab --enable')
    .action(async (id: string, options: WebhookOptions, command: Command) =>
      (await load()).updateWebhook(await contextOf(command), id, options),
    )
  webhooks
    .command('delete')
    .alias('rm')
    .description('end a webhook')
    .argument('<id>', 'the id of the webhook')
    .addHelpText('after', '\nExample:\n  ./pinyon webhooks rm 019c1f0e-5a2b-7c3d-8e4f-0123456789ab')
    .action(async (id: string, _options: unknown, command: Command) =>
      (await load()).deleteWebhook(await contextOf(command), id),
    )
  webhooks
    .command('rotate')
    .description('give a webhook a new secret, shown once; the old one signs too for a while')
    .argument('<id>', 'the id of the webhook')
    .option('--overlap <duration>', 'for so long: 0, 15m, 12h, 7d (default: a day)')
    .addHelpText('after', '\nExample:\n  ./pinyon webhooks rotate 019c1f0e-5a2b-7c3d-8e4f-0123456789ab --overlap 2d')
    .action(async (id: string, options: { overlap?: string }, command: Command) =>
      (await load()).rotateWebhook(await contextOf(command), id, options),
    )
  webhooks
    .command('test')
    .description('send a test event at once, and say how it went')
    .argument('<id>', 'the id of the webhook')
    .addHelpText('after', '\nExample:\n  ./pinyon webhooks test 019c1f0e-5a2b-7c3d-8e4f-0123456789ab')
    .action(async (id: string, _options: unknown, command: Command) =>
      (await load()).testWebhook(await contextOf(command), id),
    )
  webhooks
    .command('deliveries')
    .description('what was and is to be sent to a webhook, latest first')
    .argument('<id>', 'the id of the webhook')
    .addOption(new Option('--state <state>', 'only those').choices(['pending', 'delivered', 'failed']))
    .option('--limit <n>', 'how many', '20')
    .addHelpText(
      'after',
      '\nExample:\n  ./pinyon webhooks deliveries 019c1f0e-5a2b-7c3d-8e4f-0123456789ab --state failed',
    )
    .action(async (id: string, options: { state?: string; limit: string }, command: Command) =>
      (await load()).listDeliveries(await contextOf(command), id, options),
    )
  webhooks
    .command('resend')
    .description('send an event again')
    .argument('<id>', 'the webhook')
    .argument('<delivery>', 'the delivery as listed')
    .addHelpText(
      'after',
      '\nExample:\n  ./pinyon webhooks resend 019c1f0e-5a2b-7c3d-8e4f-0123456789ab 019c1f0f-0a1b-7c3d-8e4f-0123456789ab',
    )
    .action(async (id: string, deliveryId: string, _options: unknown, command: Command) =>
      (await load()).resendDelivery(await contextOf(command), { id, deliveryId }),
    )
}

function addGatewayCommands(program: Command, contextOf: ContextOf): void {
  const gateways = program
    .command('gateways')
    .description('gateways of your own: names, domains, and what lets a request in')
    .addHelpText('after', '\nExample:\n  ./pinyon gateways create my-site')
  const load = () => import('./commands/gateways.ts')
  gateways
    .command('list')
    .alias('ls')
    .description('list gateways')
    .addHelpText('after', '\nExample:\n  ./pinyon gateways ls')
    .action(async (_options: unknown, command: Command) => (await load()).listGateways(await contextOf(command)))
  gateways
    .command('create')
    .description('make a gateway by a name of its own')
    .argument('<name>', 'its name, which its address begins with')
    .addHelpText('after', '\nExample:\n  ./pinyon gateways create my-site')
    .action(async (name: string, _options: unknown, command: Command) =>
      (await load()).createGateway(await contextOf(command), name),
    )
  gateways
    .command('show')
    .description('a gateway with its domains, tokens, addresses and hosts')
    .argument('<gateway>', 'its name or its id')
    .addHelpText('after', '\nExample:\n  ./pinyon gateways show my-site')
    .action(async (which: string, _options: unknown, command: Command) =>
      (await load()).showGateway(await contextOf(command), which),
    )
  gateways
    .command('delete')
    .alias('rm')
    .description('end a gateway with all that belongs to it')
    .argument('<gateway>', 'its name or its id')
    .addHelpText('after', '\nExample:\n  ./pinyon gateways rm my-site')
    .action(async (which: string, _options: unknown, command: Command) =>
      (await load()).deleteGateway(await contextOf(command), which),
    )
  gateways
    .command('add')
    .description('add what belongs to a gateway: a domain, a token (no value), an address, a host')
    .argument('<gateway>', 'its name or its id')
    .argument('<what>', 'domain, token, ip or host')
    .argument('[value]', 'such as ipfs.example.org, 192.0.2.0/24 or https://app.example.org')
    .addHelpText(
      'after',
      '\nExamples:\n  ./pinyon gateways add my-site token\n  ./pinyon gateways add my-site ip 192.0.2.0/24',
    )
    .action(async (which: string, what: string, value: string | undefined, _options: unknown, command: Command) =>
      (await load()).addToGateway(await contextOf(command), which, { what, value }),
    )
  gateways
    .command('access')
    .description('say who can read what at a gateway')
    .argument('<gateway>', 'its name or its id')
    .addHelpText('after', '\nExample:\n  ./pinyon gateways access my-site')
    .action(async (which: string, _options: unknown, command: Command) =>
      (await load()).describeAccess(await contextOf(command), which),
    )
  gateways
    .command('try')
    .description('see whether a request would be served, and why')
    .argument('<gateway>', 'its name or its id')
    .argument('<path>', 'such as /ipfs/CID/a.txt')
    .option('--token <token>', 'an access token that it shows')
    .option('--origin <origin>', 'the origin of the page that it comes from')
    .option('--address <address>', 'the address that it comes from')
    .addHelpText('after', '\nExample:\n  ./pinyon gateways try my-site /ipfs/CID --address 192.0.2.7')
    .action(
      async (
        which: string,
        path: string,
        options: { token?: string; origin?: string; address?: string },
        command: Command,
      ) => (await load()).tryAccess(await contextOf(command), which, { path, ...options }),
    )
  gateways
    .command('rules')
    .description('show what a gateway serves in a month and what it does with pages; with options, change it')
    .argument('<gateway>', 'its name or its id')
    .option('--egress-quota <bytes>', 'at most so much a calendar month, such as 500GiB, or none')
    .option('--html <policy>', 'pages: sandbox (shown), domains (on custom domains alone) or refuse')
    .addHelpText('after', '\nExample:\n  ./pinyon gateways rules my-site --egress-quota 500GiB')
    .action(async (which: string, options: { egressQuota?: string; html?: string }, command: Command) =>
      (await import('./commands/gateway-rules.ts')).gatewayRules(await contextOf(command), which, options),
    )
  gateways
    .command('check')
    .description('look for the record that shows whose a domain is, now')
    .argument('<gateway>', 'its name or its id')
    .argument('<domain>', 'a domain of it')
    .addHelpText('after', '\nExample:\n  ./pinyon gateways check my-site ipfs.example.org')
    .action(async (which: string, domain: string, _options: unknown, command: Command) =>
      (await load()).checkDomain(await contextOf(command), which, domain),
    )
  gateways
    .command('remove')
    .description('take away what belongs to a gateway, by its value or id as shown')
    .argument('<gateway>', 'its name or its id')
    .argument('<value>', 'a domain, token, address or host, or its id')
    .addHelpText('after', '\nExample:\n  ./pinyon gateways remove my-site 192.0.2.0/24')
    .action(async (which: string, value: string, _options: unknown, command: Command) =>
      (await load()).removeFromGateway(await contextOf(command), which, value),
    )
}

function collect(value: string, before: readonly string[]): string[] {
  return [...before, value]
}
