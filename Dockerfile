# The backend, as docker-compose.production.yml runs it.
FROM node:24-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
# No install script is needed: better-sqlite3 carries its binaries, and the runtime is the base image's own.
RUN npm ci --ignore-scripts --no-audit --no-fund

# To remove what only development needs takes 2 s, where a second installation took 12.
FROM packages AS dependencies
RUN npm prune --omit=dev --ignore-scripts --no-audit --no-fund \
 # The sources of SQLite, which only compiling would need.
 && rm -rf node_modules/better-sqlite3/deps

# The console's pages, built as `npm start` builds them.
FROM packages AS console
COPY tsconfig.json ./
COPY scripts scripts
COPY src/domain src/domain
COPY src/lib src/lib
COPY console console
RUN node scripts/build-console.ts

FROM node:24-slim
RUN apt-get update && apt-get install -y --no-install-recommends btrfs-progs ca-certificates openssh-client restic tini && rm -rf /var/lib/apt/lists/*
ENV NODE_ENV=production HOST=0.0.0.0 PORT=5555 DATA_DIR=/app/ai-lab-data BACKUP_KEY_FILE=/app/backup.key
WORKDIR /app
# The mount point of the data root. The user below owns it, so that the image also runs with a named volume.
RUN install -d -o 1000 -g 100 ai-lab-data .compile-cache && ln -s /app/bin/ailab /usr/local/bin/ailab
COPY --from=dependencies /app/node_modules node_modules
COPY package.json catalog.yaml ./
COPY bin bin
COPY docs docs
COPY src src
COPY --from=console /app/console/dist console/dist

# A build leaves the image before it without a name: by this label the doctor finds those that nobody needs any more.
LABEL ai-lab.source=backend

# The same user and group as notebooks, so that environments can write to the folders that the backend makes.
USER 1000:100
# The command line notes broken-off uploads in its home, and all but /tmp is read-only in Compose.
ENV HOME=/tmp
# V8's compiled code of all modules, made as this user: importing them then takes 0.30 CPU seconds instead of 0.55. The flags of
# the gateway (bin/ailab) make other code, so it is kept twice.
ENV NODE_COMPILE_CACHE=/app/.compile-cache NODE_OPTIONS="--max-semi-space-size=1 --preserve-symlinks" MALLOC_ARENA_MAX=1
RUN later="'undici', 'marked', 'openid-client', 'jose', 'koffi'" \
 && node --input-type=module --eval "for (const name of [...fs.globSync('/app/src/*/**/*.ts'), $later]) await import(name)" \
 && node --no-allocation-site-pretenuring --external-memory-accounted-in-global-limit --input-type=module \
      --eval "for (const name of ['/app/src/assembly/serve-gateway.ts', $later]) await import(name)" \
 && ailab gateway --help > /dev/null
# The same for the client of the engine, which the doctor loads, and for the health check: 20 ms of CPU instead of 50, every 15 s.
# Both fail here, because nothing answers.
RUN ailab doctor > /dev/null || true
RUN node src/healthcheck.ts 2> /dev/null || true
EXPOSE 5555 5556
ENTRYPOINT ["tini", "--"]
CMD ["node", "src/main.ts"]
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "src/healthcheck.ts"]
