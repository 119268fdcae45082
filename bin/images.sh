# `bin/ailab images`: pulls or builds the images that the engine lacks. bin/ailab reads this file, with the folder of the clone in
# $root, and in $node the Node of its dependencies; if that is empty, Docker alone has to do.
folder=$root
. "$root/bin/settings.sh"
name_engine
lab=$(lab_name) || exit 1
[ -d "$root/images" ] || give_up 'The images are made in a clone, not in a container: bin/ailab images'
if [ -n "$node" ]; then
  cd "$root" && LAB_NAME=$lab exec "$node" scripts/images.ts
fi

command -v docker >/dev/null || give_up 'The images are made by Docker, which is not on this machine.'
docker version >/dev/null || give_up 'The engine does not answer, for the reason above.'

is_here() {
  docker image inspect "$1" >/dev/null 2>&1 || return 1
  printf '%s is here.\n' "$1"
}

pulled() {
  is_here "$1" && return
  docker pull "$1" && printf '%s was pulled.\n' "$1" && return
  give_up "$1 is missing, and no registry gave it. Give this machine a way to a registry, load the image (docker load), or make a stand-in as root on Debian or Ubuntu, with Node 18 or newer and npm: cd $(quoted "$root") && npm ci && bin/ailab images"
}

# The host's network: name servers and mirrors that the host reaches may be out of reach from the engine's bridge.
built() {
  tag=$1 context=$2
  set --
  for name in http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY; do
    eval "[ -z \"\${$name:-}\" ]" || set -- "$@" --build-arg "$name"
  done
  docker build --network host --force-rm "$@" --label ai-lab.source=images.sh --tag "$tag" "$context" || give_up "$tag was not built, for the reason above."
  printf '%s was built.\n' "$tag"
}

is_here ai-lab/jupyterlab:latest || {
  pulled debian:trixie-slim
  built ai-lab/jupyterlab:latest "$root/images/jupyterlab"
}
is_here "$lab/backend:latest" || {
  pulled node:24-slim
  built "$lab/backend:latest" "$root"
}
exit
