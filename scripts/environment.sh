# Sourced by the scripts beside it. `environment base` or `environment dev` makes .venv ready and leaves you in the
# repository's root with $python set. The first start installs; later ones compare a stamp and go on at once.

root=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
venv=$root/.venv
python=$venv/bin/python

if [ "${CI:-false}" != false ]; then
  export NO_COLOR=1 TERM=dumb # logs are read as text: no colours, no animations
fi

say() { printf '%s\n' "$*" >&2; }

die() {
  say "error: $*"
  exit 1
}

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

# The first Python >= 3.11 of $PYTHON or the usual names.
find_python() {
  local candidate
  for candidate in ${PYTHON:+"$PYTHON"} python3 python3.13 python3.12 python3.11 python; do
    if command -v "$candidate" >/dev/null 2>&1 && new_enough "$candidate"; then
      command -v "$candidate"
      return
    fi
  done
  die "Spikeloom needs Python 3.11 or newer, and found $(python3 --version 2>/dev/null || echo none)." \
    "Install one (python.org, your package manager), or name it: PYTHON=/path/to/python3.12 $0"
}

make_venv() {
  if [ -x "$python" ] && ! new_enough "$python"; then
    die ".venv was made with $("$python" --version 2>&1), and Spikeloom needs Python 3.11 or newer: remove .venv and start again."
  fi
  if [ -x "$python" ] && { "$python" -m pip --version || "$python" -m ensurepip; } >/dev/null 2>&1; then
    return
  fi
  local base
  base=$(find_python)
  say "Making .venv with $("$base" --version) ..."
  "$base" -m venv --clear "$venv" ||
    die "could not make .venv. On Debian and Ubuntu the module has a package of its own: apt install python3-venv"
}

# Runs pip and shows one short line of what it is doing; the whole of its output stays in .venv/install.log.
pip_install() {
  local line
  if ! "$python" -m pip install --disable-pip-version-check --no-input --progress-bar off "$@" 2>&1 |
    while IFS= read -r line; do
      printf '%s\n' "$line" >>"$venv/install.log"
      case $line in
      'Collecting '* | 'Downloading '* | 'Building '* | 'Installing '*)
        [ ! -t 2 ] || printf '\r\033[K  %.70s' "$line" >&2
        ;;
      esac
    done; then
    say
    tail -n 20 "$venv/install.log" >&2
    die "the installation failed; its whole output is in .venv/install.log"
  fi
  [ ! -t 2 ] || printf '\r\033[K' >&2
}

# What an installation depends on: its place, the interpreter, the declared packages and the version of Spikeloom.
fingerprint() {
  {
    printf '%s\n' "$root"
    "$python" --version
    cat pyproject.toml
    grep '^__version__' src/spikeloom/__init__.py
  } | "$python" -c 'import hashlib, sys; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())'
}

installed() {
  local stamp
  for stamp in "$venv/.installed-dev" "$venv/.installed-$1"; do
    if [ -f "$stamp" ] && [ "$(cat -- "$stamp")" = "$2" ]; then
      return 0
    fi
  done
  return 1
}

environment() {
  local kind=$1 target='.'
  cd -- "$root" || exit 1
  if [ -x "$python" ] && installed "$kind" "$(fingerprint)"; then
    return
  fi
  make_venv
  [ "$kind" = base ] || target=".[$kind]"
  say "Installing Spikeloom and what it needs into .venv (once; PyTorch is the largest part) ..."
  rm -f -- "$venv/.installed-base" "$venv/.installed-dev"
  : >"$venv/install.log"
  pip_install --editable "$target"
  fingerprint >"$venv/.installed-$kind"
}
