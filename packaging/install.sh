#!/bin/sh
# Installs git-pm: downloads the archive of this platform, checks its SHA-256, and puts the program and its manual
# below PREFIX.
#
#   GIT_PM_URL=URL sh install.sh      the folder with the archives, such as https://host/releases/download/v0.1.0
#   PREFIX=FOLDER                     by default ~/.local
set -eu
version=${GIT_PM_VERSION:-0.1.0}
url=${GIT_PM_URL:?the folder with the archives}
prefix=${PREFIX:-$HOME/.local}
case $(uname -s)-$(uname -m) in
  Linux-x86_64) target=x86_64-unknown-linux-musl ;;
  Linux-aarch64 | Linux-arm64) target=aarch64-unknown-linux-musl ;;
  Darwin-x86_64) target=x86_64-apple-darwin ;;
  Darwin-arm64) target=aarch64-apple-darwin ;;
  *) echo "error: there is no binary for $(uname -s) on $(uname -m)" >&2; exit 1 ;;
esac
name=git-pm-$version-$target
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
for file in "$name.tar.gz" "$name.tar.gz.sha256"; do
  curl --fail --silent --show-error --location "$url/$file" --output "$scratch/$file"
done
cd "$scratch"
if command -v sha256sum >/dev/null; then check='sha256sum -c'; else check='shasum -a 256 -c'; fi
# The first word only: the checksum names this archive and no other file.
read -r sum _ <"$name.tar.gz.sha256"
echo "$sum  $name.tar.gz" | $check >/dev/null 2>&1 || { echo "error: the checksum of $name.tar.gz is wrong" >&2; exit 1; }
tar -xzf "$name.tar.gz"
mkdir -p "$prefix/bin" "$prefix/share/man/man1" "$prefix/share/man/man7"
# Beside the old one first, so that one that runs is replaced at once.
cp "$name/git-pm" "$prefix/bin/.git-pm.new"
chmod 755 "$prefix/bin/.git-pm.new"
mv -f "$prefix/bin/.git-pm.new" "$prefix/bin/git-pm"
cp "$name"/man/*.1 "$prefix/share/man/man1"
cp "$name"/man/*.7 "$prefix/share/man/man7"
"$prefix/bin/git-pm" --version
case :$PATH: in *:"$prefix/bin":*) ;; *) echo "note: $prefix/bin is not in PATH" ;; esac
