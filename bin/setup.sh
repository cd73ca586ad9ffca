# Sourced by the commands beside it. Gives them $root, and set_up, which gives them $python.

root=$(dirname "$(dirname "$(readlink -f "$0")")")

# A relative data folder means one beside the person, wherever a command goes afterwards.
case ${HUBPORTAL_DATA:-/} in
/*) ;;
*) export HUBPORTAL_DATA="$PWD/$HUBPORTAL_DATA" ;;
esac

# What uv keeps stays in the checkout too, and a service user has no home to keep it in.
export UV_CACHE_DIR="${UV_CACHE_DIR:-${HUBPORTAL_VENV:-$root/.venv}/.cache}"

# Prints the interpreter behind a command, if it is new enough. Run in the checkout, where pyenv's shims know
# which version is meant; an activated environment is looked through, since it may be the one to be replaced.
real_python() {
    (cd "$root" && "$1" -c 'import sys; sys.version_info < (3, 12) or print(sys._base_executable)') 2>/dev/null
}

find_python() {
    versions=${PYENV_ROOT:-${HOME:-}/.pyenv}/versions
    for candidate in python3.13 "$versions"/3.13.*/bin/python python3.14 python3.12 \
        "$versions"/3.1[2-9].*/bin/python python3 python "$(uv python find --system '>=3.12' 2>/dev/null)"; do
        found=$(real_python "$candidate") && [ -n "$found" ] && printf '%s\n' "$found" && return
    done
    echo "Hubportal needs Python 3.12 or newer and found none: install one (with uv, pyenv or your system's" \
        "packages), then run this again." >&2
    return 1
}

# set_up REQUIREMENTS: an environment that holds at least what this file pins. The stamp says which file is
# installed, in which state, and where: a checkout that was moved is set up anew. requirements-dev.txt holds all
# of requirements-sandbox.txt, so once it is installed it stays.
set_up() {
    if [ -n "${HUBPORTAL_VENV:-}" ]; then
        python=$HUBPORTAL_VENV/bin/python
        [ -x "$python" ] && return
        echo "HUBPORTAL_VENV is $HUBPORTAL_VENV, but there is no bin/python in it." >&2
        return 1
    fi
    python=$root/.venv/bin/python
    installed=$(cat "$root/.venv/.stamp" 2>/dev/null) || installed=
    case $installed in
    requirements-dev.txt*) requirements=requirements-dev.txt ;;
    *) requirements=$1 ;;
    esac
    stamp="$requirements $(cksum <"$root/$requirements") $root"
    [ -x "$python" ] && [ "$installed" = "$stamp" ] && return
    base=$(find_python) || return
    "$base" "$root/bin/setup.py" "$requirements" "$stamp"
}
