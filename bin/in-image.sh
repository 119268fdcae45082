# Runs the command line in a container of the backend's image, on a host that has Docker and not Node. bin/ailab reads this file,
# with the folder of the clone in $root.
#
# All that a command may look at is mounted at the path that it has on the host, and the container has the host's network: so the
# command sees and prints the host's own paths, as it does without a container. It runs as root, because production.env and the
# files of the service are often closed to others. It needs neither a terminal nor a running backend.

. "$root/bin/settings.sh"

# Makes a path absolute, and notes it for its mount. The address of a repository on another machine is no path.
take() {
  case $1 in
    sftp:* | s3:*) taken=$1 ;;
    *)
      taken=$(absolute "$1")
      paths="$paths$taken
"
      ;;
  esac
}

# Of a path that is not there yet, the folder above it that is: what the command makes below it then stays on the host.
existing() {
  there=$1
  while [ ! -e "$there" ]; do there=$(dirname "$there"); done
  printf '%s\n' "$there"
}

# Over a folder of the image, a mount would hide the programs that the command needs.
refuse_folder_of_image() {
  case ${1%/}/ in
    / | /app/* | /bin/* | /dev/* | /etc/* | /lib/* | /lib32/* | /lib64/* | /proc/* | /run/ | /sbin/* | /sys/* | /usr/* | /var/ | /var/run/)
      give_up "$2"
      ;;
  esac
}

# Finds the command and the paths among the arguments, and makes the paths absolute.
folder=$root command='' expected='' paths='' target='' own='' operands=0
left=$#
while [ "$left" -gt 0 ]; do
  argument=$1 && shift && left=$((left - 1))
  case $expected in
    folder) folder=$(absolute "$argument") && expected='' && continue ;;
    path) take "$argument" && argument=$taken expected='' ;;
    target) argument=$(absolute "$argument") target=$argument expected='' ;;
    value) expected='' ;;
    *)
      case $argument in
        --folder) expected=folder && continue ;;
        --folder=*) folder=$(absolute "${argument#*=}") && continue ;;
        --to) [ "$command" != restore ] || expected=target ;;
        --to=*) [ "$command" != restore ] || { target=$(absolute "${argument#*=}") && argument=--to=$target; } ;;
        --from | --key | --map | --token-file) expected=path ;;
        --url) expected=value ;;
        --from=* | --key=* | --map=* | --token-file=*) take "${argument#*=}" && argument=${argument%%=*}=$taken ;;
        -*) ;;
        *)
          case $command in
            '' | files | backup) command=${command:+$command }$argument ;;
            *) operands=$((operands + 1)) ;;
          esac
          case $command$operands in 'files get2' | 'files put1' | 'backup get3') own=$argument ;; esac
          ;;
      esac
      ;;
  esac
  set -- "$@" "$argument"
done
case $folder/ in /app/*) give_up "$folder is a folder of the image too: move the clone to another one, /srv/ai-lab-backend for example." ;; esac

name_engine
lab=$(lab_name) || exit 1
image=$lab/backend:latest
without="bin/ailab runs on its dependencies (cd $(quoted "$root") && npm ci, with Node 18 or newer) or in the backend's image"
command -v docker >/dev/null || give_up "$without, and neither they nor Docker are here."
if ! words=$(docker image inspect "$image" 2>&1 >/dev/null); then
  case $words in
    *[Nn]o\ such\ image*) give_up "$without ($image), and neither is here; this makes the image: cd $(quoted "$root") && bin/ailab images" ;;
    *) give_up "$without, and the engine cannot be asked for the image: $words" ;;
  esac
fi

data=${HOST_DATA_PATH:-$(setting HOST_DATA_PATH)} || exit 1
data=${data:-$folder/ai-lab-data}
[ -z "${DATA_DIR:-}" ] || data=$(absolute "$DATA_DIR")
socket=${DOCKER_HOST:-unix:///var/run/docker.sock}

case $command in
  'files get' | 'files put' | 'backup get')
    typed=$(dirname "${own:-.}")
    beside=$(CDPATH='' cd -- "$typed" 2>/dev/null && pwd) || give_up "There is no folder $typed."
    refuse_folder_of_image "$(absolute "$beside")" "bin/ailab runs in the image here, and $beside is a folder of the image too: use a file in another folder."
    # An upload that broke off goes on from a note there.
    notes=${HOME:-/root}/.cache/ailab
    mkdir -p "$notes"
    paths="$paths$beside
$notes
"
    # A link may lead to a file elsewhere. A download replaces its file, which a mount of the file itself would forbid.
    [ "$command" != "files put" ] || [ -z "$own" ] || take "$own"
    ;;
  restore)
    [ -n "$target" ] || target=$data
    above=$(existing "$target")
    [ "$above" = "$target" ] || refuse_folder_of_image "$above" "Make the empty folder first: mkdir -p $(quoted "$target")"
    paths="$paths$above
"
    ;;
esac

mounts="$data
$paths$(setting CATALOG_FILE)
$(setting OIDC_CLIENT_SECRET_FILE)
$(setting BACKUP_KEY_FILE)
$(setting HOST_BACKUP_KEY)
${DOCKER_CERT_PATH:-}
${socket#unix://}"
terminal=-i
[ -t 0 ] && [ -t 1 ] && terminal=-it
# HOST, PORT, DATA_DIR and BACKUP_KEY_FILE are variables of the image: without them the settings of the folder count.
unset_in_image='-u HOST -u PORT -u BACKUP_KEY_FILE'
data_dir=DATA_DIR=$data
if [ "$command" = doctor ] && [ -z "${DATA_DIR:-}" ]; then
  # The doctor finds the data root itself, wherever it may be.
  unset_in_image="$unset_in_image -u DATA_DIR"
  legacy=$(setting LEGACY_DATA_PATHS)
  mounts="$mounts
$(docker inspect --format '{{range .Mounts}}{{println .Source}}{{end}}' "$lab-backend" 2>/dev/null)
$(printf '%s\n' "${LEGACY_DATA_PATHS:-${legacy:-/opt/ai-lab-data}}" | tr , '\n' | sed 's/^[[:space:]]*//; s/[[:space:]]*$//')"
fi

# shellcheck disable=SC2086 # several words
set -- "$image" env $unset_in_image ailab --folder "$folder" "$@"
seen='
'
while IFS= read -r path; do
  case $path in /*) ;; *) continue ;; esac
  [ -e "$path" ] || continue
  case $seen in *"
$path
"*) continue ;; esac
  seen="$seen$path
"
  # A comma or a quote in a path must not end its part of the value, which is a line of CSV.
  quoted=$(printf '%s' "$path" | sed 's/"/""/g')
  set -- --mount "type=bind,\"source=$quoted\",\"target=$quoted\"" "$@"
done <<PATHS
$folder
$mounts
PATHS

for name in LEGACY_DATA_PATHS DOCKER_HOST DOCKER_TLS_VERIFY DOCKER_CERT_PATH PUBLIC_URL HOME TERM NO_COLOR FORCE_COLOR; do
  eval "[ -z \"\${$name:-}\" ]" || set -- --env "$name" "$@"
done
# The engine keeps no log of it: a command may print a token.
exec docker run --rm "$terminal" --user 0:0 --workdir "$PWD" --network host --log-driver none --label ai-lab.command=1 \
  --env "$data_dir" "$@"
