# What the shell scripts of bin/ailab share. They set $root, the folder of the clone, and $folder, that of production.env.

give_up() {
  printf '%s\n' "$1" >&2
  exit 1
}

# A path as one word of a shell's command line.
quoted() {
  rest=$1 word=''
  while :; do
    case $rest in
      *\'*) word="$word${rest%%\'*}'\\''" rest=${rest#*\'} ;;
      *) break ;;
    esac
  done
  printf "'%s'" "$word$rest"
}

# The path without links; a path that is not there as it was written.
absolute() {
  readlink -f "$1" 2>/dev/null || case $1 in
    /*) printf '%s\n' "$1" ;;
    *) printf '%s\n' "$PWD/$1" ;;
  esac
}

# A setting from production.env or .env, without quotes and comment: the last line that sets it counts.
setting() {
  value=''
  for file in "$folder/production.env" "$folder/.env"; do
    [ -e "$file" ] || continue
    [ -r "$file" ] || give_up "You may not read $file: run this as root, or as its owner."
    value=$(tr -d '\r' <"$file" | sed -n "s/^[[:space:]]*\(export[[:space:]]\{1,\}\)\{0,1\}$1[[:space:]]*=[[:space:]]*//p" | tail -n 1 |
      sed "s/^'\([^']*\)'.*/\1/; t; s/^\"\([^\"]*\)\".*/\1/; t; s/[[:space:]]*#.*//; s/[[:space:]]*\$//")
    [ -z "$value" ] || break
  done
  printf '%s\n' "$value"
}

# LAB_NAME, with which the names of this lab's image and containers begin.
lab_name() {
  lab=${LAB_NAME:-$(setting LAB_NAME)} || exit 1
  printf '%s\n' "${lab:-ai-lab}"
}

# The engine that the settings name; docker itself reads these variables too.
name_engine() {
  for name in DOCKER_HOST DOCKER_TLS_VERIFY DOCKER_CERT_PATH; do
    eval "value=\${$name:-}"
    [ -n "$value" ] || value=$(setting "$name") || exit 1
    [ -z "$value" ] || export "$name=$value"
  done
}
