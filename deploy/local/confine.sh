#!/bin/sh
# Runs a program as an unprivileged service user that sees the checkout read-only at PROGRAM_DIRECTORY, wherever the checkout
# itself is (its parents may be closed to other users). The mount is in the program's own mount namespace and ends with it.
#
#   confine.sh USER CHECKOUT PROGRAM_DIRECTORY COMMAND [ARGUMENT ...]
set -eu

user=$1
checkout=$2
program_directory=$3
shift 3

mkdir -p "$program_directory"
exec unshare --mount --propagation private -- sh -c '
  set -eu
  mount --bind "$2" "$3"
  mount -o remount,bind,ro,nosuid "$3"
  user=$1
  cd "$3"
  shift 3
  exec setpriv --reuid="$user" --regid="$user" --clear-groups --inh-caps=-all --bounding-set=-all --no-new-privs "$@"
' confine "$user" "$checkout" "$program_directory" "$@"
