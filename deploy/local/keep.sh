#!/bin/sh
# Keeps one program of a local Supervisor running where there is no service manager: starts it again whenever it ends, a
# second later, until this script gets SIGTERM. The program's own pid stands in PID_FILE.child.
#
#   keep.sh PID_FILE LOG_FILE COMMAND [ARGUMENT ...]
set -u

pid_file=$1
log_file=$2
shift 2
log_bytes_max=20971520

child=
stop() {
  trap '' TERM INT
  if [ -n "$child" ]; then
    kill -TERM "$child" 2>/dev/null
    wait "$child" 2>/dev/null
  fi
  rm -f "$pid_file" "$pid_file.child"
  exit 0
}
trap stop TERM INT

echo $$ >"$pid_file"
while :; do
  if [ "$(stat -c %s "$log_file" 2>/dev/null || echo 0)" -gt "$log_bytes_max" ]; then mv -f "$log_file" "$log_file.1"; fi
  "$@" >>"$log_file" 2>&1 </dev/null &
  child=$!
  echo "$child" >"$pid_file.child"
  wait "$child"
  printf '{"component":"keep","msg":"Program ended, starting it again","exitCode":%d}\n' "$?" >>"$log_file"
  child=
  sleep 1 &
  wait $!
done
