#!/bin/sh
# supervise.sh <engine> <node> <arguments …>
# Runs the service to its end, and passes each signal on to it. Then stops the engine that was started for it, and ends with
# the service's exit code. This is a shell, because it waits as long as the service runs: it holds 2 MiB, Node would hold 90.
engine=$1
node=$2
shift

service=
asked=
tell() {
  asked=yes
  [ -z "$service" ] || kill -TERM "$service" 2>/dev/null
}
trap tell INT TERM HUP

"$@" &
service=$!
[ -z "$asked" ] || tell

# A signal ends `wait` before the service has ended.
while :; do
  wait "$service"
  code=$?
  kill -0 "$service" 2>/dev/null || break
done
exec "$node" scripts/stop-engine.ts "$engine" "$code"
