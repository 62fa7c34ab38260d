#!/bin/sh
# Gets what the portal needs and this machine lacks: Python, packages, Node, a browser for the tests.
# Called by the Makefile; each word does one thing and leaves alone what is already there.
set -eu
cd "$(dirname "$0")/.."

UV=.uv/bin/uv
# The same mirror for uv as for pip, where somebody configured one.
[ -z "${PIP_INDEX_URL:-}" ] || export UV_DEFAULT_INDEX="${UV_DEFAULT_INDEX:-$PIP_INDEX_URL}"
export npm_config_update_notifier=false UV_NO_PROGRESS=1 UV_PYTHON_DOWNLOADS=manual

say() { printf '  %s\n' "$*"; }
fail() { printf '\n%s\n' "$*" >&2; exit 1; }
runs() { "$@" >/dev/null 2>&1 </dev/null; }

# Some Python 3, only to fetch uv with. Shims can exist and fail, so each candidate is run.
any_python() {
    for candidate in ${PYTHON:-} python3 python python3.12 python3.13 python3.14 python3.11 python3.10 python3.9 $(pyenv_pythons); do
        if runs "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 8))'; then echo "$candidate"; return; fi
    done
    fail "No Python 3 was found. Install one, or name it: make PYTHON=/path/to/python3"
}

# 3.12 first: every package has a wheel for it.
right_python() {
    for candidate in ${PYTHON:-} python3.12 $(pyenv_pythons 3.12) python3.13 $(pyenv_pythons 3.13) python3.14 $(pyenv_pythons 3.14) python3 python; do
        if runs "$candidate" -c 'import sys; sys.exit(not (3, 12) <= sys.version_info < (3, 15))'; then
            "$candidate" -c 'import sys; print(sys.executable)'; return
        fi
    done
}

pyenv_pythons() {
    for found in "${PYENV_ROOT:-$HOME/.pyenv}"/versions/"${1:-3}".*/bin/python /opt/python*/bin/python3; do
        [ ! -x "$found" ] || echo "$found"
    done
}

get_uv() {
    wanted=$(sed -n 's/^uv==\([0-9.]*\).*/\1/p' requirements-uv.txt)
    if runs $UV --version && [ "$($UV --version | cut -d' ' -f2)" = "$wanted" ]; then return; fi
    python=$(any_python)
    say "Fetching uv $wanted with $python"
    rm -rf .uv
    if runs "$python" -m venv .uv; then
        .uv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-uv.txt
    else # some systems ship Python without its venv
        "$python" -m pip install -q --disable-pip-version-check --require-hashes --target .uv -r requirements-uv.txt ||
            fail "$python can make no virtual environment and has no pip. Install python3-venv, or name another: make PYTHON=/path/to/python3"
    fi
}

get_venv() {
    if runs .venv/bin/python -c 'import sys; sys.exit(not (3, 12) <= sys.version_info < (3, 15))'; then return; fi
    python=$(right_python)
    if [ -z "$python" ]; then
        say "No Python 3.12 to 3.14 here: fetching 3.12"
        $UV python install -q 3.12 || fail "Python 3.12 could not be fetched. Install it, or name it: make PYTHON=/path/to/python3.12"
        python=$($UV python find 3.12)
    fi
    say "Python: $python ($("$python" -V 2>&1))"
    rm -rf .venv
    $UV venv -q --python "$python" .venv
}

# python FILE: the packages of a requirements file, exactly those.
python_packages() {
    get_uv
    get_venv
    say "Python packages of $1"
    VIRTUAL_ENV=$PWD/.venv $UV pip sync -q --compile-bytecode --require-hashes "$1"
}

node_is_good() { runs node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 18 ? 1 : 0)' && runs npm --version; }

get_node() {
    PATH=$PWD/.node/bin:$PATH
    if node_is_good; then return; fi
    get_uv
    say "No Node 18 or newer here: fetching it as a wheel"
    rm -rf .node
    $UV venv -q --python .venv/bin/python .node
    VIRTUAL_ENV=$PWD/.node $UV pip sync -q --require-hashes requirements-node.txt
    node_is_good || fail "Node does not run. Install Node 18 or newer with npm."
}

node_packages() {
    get_node
    say "Packages of the pages (npm)"
    npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null
}

build() {
    get_node
    say "Scripts, styles and icons of the pages"
    npm run -s build >/dev/null
    .venv/bin/python assets/unfold_fonts.py >/dev/null
}

has_chromium() {
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        if runs "$name" --version; then return; fi
    done
    runs .venv/bin/python -c 'import pathlib, playwright.sync_api as p
with p.sync_playwright() as w: raise SystemExit(not pathlib.Path(w.chromium.executable_path).exists())'
}
has_chinese() { fc-list :lang=zh family 2>/dev/null | grep -q .; }
with_apt() { [ "$(id -u)" = 0 ] && runs apt-get --version; }

# Chromium and Chinese letters for the browser tests; without a browser those tests fail and name this command.
get_browser() {
    if with_apt && ! { has_chromium && has_chinese; }; then
        say "Chromium and Chinese fonts, by apt"
        { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
            chromium fontconfig fonts-noto-cjk; } >var/apt.log 2>&1 </dev/null || say "apt could not get them (var/apt.log)"
    fi
    if ! has_chromium; then
        say "Chromium, by Playwright"
        .venv/bin/python -m playwright install chromium >var/playwright.log 2>&1 ||
            say "No Chromium could be fetched (var/playwright.log): the browser tests will fail."
    fi
    has_chinese || say "No Chinese font here: pictures of Chinese pages will show boxes. The package fonts-noto-cjk has one."
}

mkdir -p var
case $1 in
python) python_packages "$2" ;;
node) node_packages ;;
build) build ;;
browser) get_browser ;;
*) fail "setup.sh: unknown word $1" ;;
esac
