import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'

/** An nginx that serves a folder as a plain web server does, by a process for each core; undefined where there is none. */
export async function startStaticNginx(
  dir: string,
  files: string,
): Promise<{ readonly url: string; stop(): Promise<void> } | undefined> {
  const port = await freePort()
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  for (const name of temporary) await mkdir(join(dir, name), { recursive: true })
  const paths = temporary.map((name) => `${name}_temp_path ${join(dir, name)};`).join('\n')
  const config = `daemon off;
pid ${dir}/pid;
error_log ${dir}/error.log;
worker_processes auto;
${process.getuid?.() === 0 ? 'user root;' : ''}
events {}
http {
access_log off;
sendfile on;
tcp_nopush on;
keepalive_requests 1000000;
open_file_cache max=1000;
${paths}
server { listen 127.0.0.1:${port}; root ${files}; }
}
`
  await writeFile(join(dir, 'nginx.conf'), config)
  const child = spawn('nginx', ['-p', dir, '-c', join(dir, 'nginx.conf'), '-e', join(dir, 'error.log')], {
    env: { PATH: `${process.env['PATH']}:/usr/sbin` },
    stdio: 'ignore',
  })
  const failed = once(child, 'error').then(() => true)
  const url = `http://127.0.0.1:${port}`
  for (let tries = 0; tries < 100; tries++) {
    if (await Promise.race([failed, setTimeout(50, false)])) return undefined
    if (
      await fetch(url).then(
        () => true,
        () => false,
      )
    )
      break
  }
  return {
    url,
    async stop() {
      child.kill('SIGTERM')
      await once(child, 'exit')
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // it listens on TCP
  server.close()
  await once(server, 'close')
  return port
}
