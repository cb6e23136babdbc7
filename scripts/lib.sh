# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What quickstart and check share: find out what is missing, install it, configure, build.
#
# Theory of operation: every step that takes longer than a moment runs through `step`, which sends
# its output to one log file, shows on a terminal the log's last line and elsewhere a sign of life
# every 20 s, and prints the end of the log when the step fails. Nothing here reads from stdin.
# Packages come from apt-get, and only when dpkg does not know them as installed, so a second run
# and a machine without root that has everything never ask for root.
#
# Sourced by bash with `set -eu`. Sets: TOP (source tree), BUILD (build folder), LOG.

TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
BUILD=${ACCELVM_BUILD:-$TOP/build}
export ACCELVM_MODULE_PATH=${ACCELVM_MODULE_PATH:-$BUILD/accel/tcg}   # not installed yet
NOT_INSTALLED=()          # "package: reason", for the list of what was skipped

say() { printf '%s\n' "$@"; }

die()
{
    printf '%s: %s\n' "$(basename "$0")" "$1" >&2
    shift
    [ $# -eq 0 ] || printf '  %s\n' "$@" >&2
    exit 1
}

# start_log NAME: begins $BUILD/NAME.log afresh.
start_log()
{
    mkdir -p "$BUILD" || die "cannot make the build folder $BUILD" "ACCELVM_BUILD= chooses another"
    LOG=$BUILD/$1.log
    : > "$LOG"
}

show_sign_of_life()       # TITLE SECONDS
{
    if [ -t 1 ]; then
        printf '\r\033[K%s (%d s) %.60s' "$1" "$2" "$(tail -n 1 "$LOG" | tr -cd '[:print:]')"
    elif [ "$2" -gt 0 ] && [ $(($2 % 20)) -eq 0 ]; then
        say "$1: $2 s, still at it"
    fi
}

# step TITLE COMMAND...: runs COMMAND into the log; its status is returned, failures are shown.
step()
{
    local title=$1 start=$SECONDS shown=$SECONDS pid status=0
    shift
    printf '\n== %s: %s\n' "$title" "$*" >> "$LOG"
    "$@" >> "$LOG" 2>&1 < /dev/null &
    pid=$!
    while kill -0 "$pid" 2>/dev/null; do
        [ $SECONDS -eq $shown ] || show_sign_of_life "$title" $((SECONDS - start))
        shown=$SECONDS
        sleep 0.1
    done
    wait "$pid" || status=$?
    [ ! -t 1 ] || printf '\r\033[K'
    if [ $status -eq 0 ]; then
        say "$title: done in $((SECONDS - start)) s"
    else
        say "$title: FAILED with status $status after $((SECONDS - start)) s; the end of $LOG:"
        tail -n 40 "$LOG" | sed 's/^/    /'
    fi
    return $status
}

packages_of()             # GROUP: its package names
{
    sed -n "s/^$1  *\([^ #]*\).*/\1/p" "$TOP/scripts/packages"
}

is_installed()
{
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

missing_of()              # GROUP: those of its packages that are not installed
{
    local p
    for p in $(packages_of "$1"); do
        is_installed "$p" || printf '%s ' "$p"
    done
}

# as_root: the words to put before a command that needs root; fails where there are none.
as_root()
{
    if [ "$(id -u)" -eq 0 ]; then
        echo env
    elif command -v sudo > /dev/null && { sudo -n true 2>/dev/null || { [ -t 2 ] && sudo -v; }; }; then
        echo sudo
    else
        return 1
    fi
}

apt()                     # apt-get without questions; waits for another one's lock
{
    $ROOT env DEBIAN_FRONTEND=noninteractive LC_ALL=C \
        timeout -k 10 600 apt-get -q -y \
        -o DPkg::Lock::Timeout=300 -o Acquire::http::Timeout=30 "$@"
}

apt_refresh()             # the package lists once a run; a failure shows when a package is missing
{
    [ -z "${APT_FRESH:-}" ] || return 0
    APT_FRESH=1
    step "apt-get update" apt update || true
}

apt_lists_present() { compgen -G '/var/lib/apt/lists/*Packages*' > /dev/null; }

apt_install()             # PACKAGE...: from the lists at hand, then from fresh ones
{
    apt_lists_present || apt_refresh
    if [ -z "${APT_FRESH:-}" ]; then
        step "install $*" apt install --no-install-recommends "$@" && return 0
        apt_refresh
    fi
    step "install $*" apt install --no-install-recommends "$@"
}

# install_needed GROUP...: all missing packages at once; if that fails, one by one, and then only
# a missing `build` package is the end.
install_needed()
{
    local group p want='' must
    command -v dpkg-query > /dev/null || { say "not a Debian system: taking the tools as they are"; return 0; }
    for group in "$@"; do want+=$(missing_of "$group"); done
    [ -n "$want" ] || return 0
    if ! ROOT=$(as_root); then
        must=$(missing_of build)
        [ -z "$must" ] || die "cannot install packages without root or sudo; as root, run:" \
            "apt-get install --no-install-recommends $want"
        for p in $want; do NOT_INSTALLED+=("$p: not installed, and neither root nor sudo to do it"); done
        return 0
    fi
    # shellcheck disable=SC2086 # a list of words
    apt_install $want || install_one_by_one $want
}

install_one_by_one()
{
    local p must
    for p in "$@"; do
        is_installed "$p" || apt_install "$p" ||
            NOT_INSTALLED+=("$p: apt-get could not install it (see $LOG)")
    done
    must=$(missing_of build)
    [ -z "$must" ] || die "cannot build without these packages, which apt-get could not install:" "$must"
}

configure()               # [MESON OPTION...]
{
    if [ -f "$BUILD/build.ninja" ]; then
        [ $# -eq 0 ] || step "configure" meson configure "$BUILD" "$@" || die "cannot configure"
    else
        step "configure" meson setup "$BUILD" "$TOP" "$@" || die "cannot configure"
    fi
}

build()
{
    step "build" ninja -C "$BUILD" || die "the build failed"
}
