#!/bin/sh
# Root test: formats disks of several sizes, lets the kernel fill them to the brim, and has e2fsck judge the result.
# Needs root, loop devices, e2fsprogs and cargo. Not part of the unit run.
set -eu
cd "$(dirname "$0")/../.."
cargo build --quiet --release --example format-ext4 -p ext4
format="$(cargo metadata --format-version 1 --no-deps | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')"
format="$(find "$format" -path '*release/examples/format-ext4' | head -n 1)"

scratch="$(mktemp -d)"
clean_up() {
    mountpoint -q "$scratch/mount" && umount "$scratch/mount"
    rm -rf "$scratch"
}
trap clean_up EXIT
mkdir "$scratch/mount"

for size in 1M 17M 64M 128M 129M 300M 1500M; do
    rm -f "$scratch/disk"
    truncate -s "$size" "$scratch/disk"
    "$format" "$scratch/disk" >"$scratch/geometry"
    mount -o loop "$scratch/disk" "$scratch/mount"
    mkdir -p "$scratch/mount/many"
    i=0
    while [ $i -lt 300 ] && echo "$i" 2>/dev/null >"$scratch/mount/many/$i"; do i=$((i + 1)); done
    # Ends with "no space left", which is the point.
    dd if=/dev/zero of="$scratch/mount/fill" bs=1M 2>/dev/null || true
    rm -rf "$scratch/mount/many"
    dd if=/dev/zero of="$scratch/mount/again" bs=1M 2>/dev/null || true
    umount "$scratch/mount"
    e2fsck -fn "$scratch/disk" >"$scratch/report" 2>&1 || { cat "$scratch/report"; echo "FAILED at $size"; exit 1; }
    echo "ok $size ($(cat "$scratch/geometry"), $(du -m "$scratch/disk" | cut -f1) MiB used)"
done
