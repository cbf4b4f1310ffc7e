# The whole program in one image: API, console, gateway, jobs and IPFS node. deploy/compose.yaml starts it.
#
#   docker build --tag pinyon .
#   docker run --detach --init --name pinyon --publish 127.0.0.1:8400:8400 --publish 127.0.0.1:8480:8480 --volume pinyon:/data pinyon
#   docker exec --interactive --tty pinyon pinyon setup --email you@example.org --no-save

# The Node that runtime/package.json pins too; a test holds the two together.
FROM node:24.21.0-bookworm-slim AS build
WORKDIR /app
COPY . .
# Installs all, development dependencies too, runs nobody's install scripts, and builds the console.
RUN node scripts/build.mjs
# What is left is what the program needs when it runs.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund -w packages/contract -w packages/server -w packages/cli

FROM node:24.21.0-bookworm-slim
ENV NODE_ENV=production \
    HOME=/tmp \
    PINYON_DATA_DIR=/data \
    PINYON_API_LISTEN=0.0.0.0:8400 \
    PINYON_GATEWAY_LISTEN=0.0.0.0:8480
WORKDIR /app
COPY --from=build /app/package.json /app/LICENSE-APACHE /app/LICENSE-MIT ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/packages/contract/package.json ./packages/contract/
COPY --from=build /app/packages/contract/src ./packages/contract/src
COPY --from=build /app/packages/server/package.json ./packages/server/
COPY --from=build /app/packages/server/src ./packages/server/src
COPY --from=build /app/packages/cli/package.json ./packages/cli/
COPY --from=build /app/packages/cli/src ./packages/cli/src
COPY --from=build /app/packages/console/dist ./packages/console/dist
COPY --chmod=755 deploy/pinyon-in-image.sh /usr/local/bin/pinyon
# A new volume takes owner and mode from here. The code belongs to root: the program cannot change it.
RUN mkdir --mode=700 /data && chown 1000:1000 /data
VOLUME /data
USER 1000:1000
EXPOSE 8400 8480 8401 8402
# Ready, and not only alive: 503 while it starts, recovers or drains. This listener is there whatever the roles are.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8490/health/ready').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# SIGTERM drains for at most 30 s, then exits with 0; give it a little longer before you kill it.
STOPSIGNAL SIGTERM
CMD ["node", "packages/server/src/main.ts"]
