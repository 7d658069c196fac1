#!/bin/sh
# One step of a release, the same here as in .github/workflows/release.yml:
#
#   packaging/release.sh build TARGET FOLDER     the binary for TARGET, and what packaging/build.py makes of it
#   packaging/release.sh linux BINARY FOLDER     the packages for Debian and for RPM, after a build
#   packaging/release.sh formula URL FOLDER      the Homebrew formula, from the archives in FOLDER
#   packaging/release.sh try BINARY              the demo, on that binary alone
set -eu
cd "$(dirname "$0")/.."
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1)
case $1 in
  build)
    cargo build --locked --profile dist --target "$2"
    packaging/build.py "target/$2/dist/git-pm" "$2" "$3"
    ;;
  linux)
    mkdir -p target/release "$3"
    [ "$2" = target/release/git-pm ] || cp "$2" target/release/git-pm
    cargo deb --no-build --no-strip --output "$3/git-pm_${version}_amd64.deb"
    cargo generate-rpm --output "$3/git-pm-$version.x86_64.rpm"
    ;;
  formula)
    formula=$(sed "s|@URL@|$2|; s|@VERSION@|$version|g" packaging/homebrew/git-pm.rb)
    for sum in "$3"/git-pm-"$version"-*.tar.gz.sha256; do
      target=$(basename "$sum" .tar.gz.sha256)
      read -r digest _ <"$sum"
      formula=$(printf '%s\n' "$formula" | sed "s|@${target#"git-pm-$version-"}@|$digest|")
    done
    printf '%s\n' "$formula" >"$3/git-pm.rb"
    if grep -n '"@' "$3/git-pm.rb"; then echo 'error: not all archives are there' >&2; exit 1; fi
    ;;
  try)
    folder=$(cd "$(dirname "$2")" && pwd)
    PATH=$folder:$PATH git pm demo --clean
    ;;
  *) sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
