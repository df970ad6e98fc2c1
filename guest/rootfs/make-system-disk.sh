#!/bin/sh
# use: make-system-disk.sh INIT OUT
#
# Makes the system disk of a microVM: a read-only erofs with one static program as /init and the empty directories it mounts
# things on. Equal programs give equal disks: times, owners and the file system's UUID are fixed. Uncompressed, because the
# host caches the file once for all microVMs, while every microVM would have to decompress it.
set -eu

init="$1"
out="$2"
mount_points="dev etc mnt proc run sys tmp var"

tree="$(mktemp -d)"
trap 'rm -rf "$tree"' EXIT
for mount_point in $mount_points; do
    mkdir -m 0755 "$tree/$mount_point"
done
install -m 0755 "$init" "$tree/init"
chmod 0755 "$tree"

rm -f "$out"
mkfs.erofs --quiet -T 0 -U 00000000-0000-4000-8000-000000000001 --all-root "$out" "$tree"
