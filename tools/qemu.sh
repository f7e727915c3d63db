#!/usr/bin/env bash
# Prints an emulator of aarch64 that runs here: an installed one, else Debian's (or Ubuntu's), fetched once into .cache by apt-get,
# which needs no root for that.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
folder=$PWD/.cache/qemu

find_emulator() {
  for candidate in qemu-aarch64-static qemu-aarch64 "$folder"/{qemu-aarch64-static,qemu-aarch64}; do
    if "$candidate" --version >/dev/null 2>&1; then
      command -v "$candidate"
      exit
    fi
  done
}

find_emulator
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{state/lists,cache/archives}/partial "$folder"
apt=(apt-get -qq -o Dir::State="$work/state" -o Dir::State::status=/var/lib/dpkg/status -o Dir::Cache="$work/cache" -o APT::Sandbox::User=)
"${apt[@]}" update >&2
# which of the two is linked statically depends on the release
for package in qemu-user qemu-user-static; do
  (cd "$work" && "${apt[@]}" download "$package" >&2) || continue
  dpkg-deb -x "$work/$package"_*.deb "$work/$package"
  cp "$work/$package"/usr/bin/qemu-aarch64{-static,} "$folder" 2>/dev/null || true
  find_emulator
done
echo "tools/qemu.sh: none of Debian's emulators of aarch64 runs here; install qemu-user-static" >&2
exit 1
