# Sourced: llama_cpp sets venv to a Python with llama-cpp-python, built from its source package for this very CPU the first time
# (about 10 minutes on two cores), in ~/.cache/hearth/race or $HEARTH_CACHE/race. Needs Python 3 with venv, cmake and a C++ compiler.
llama_cpp() {
  local version=0.3.36
  cache=${HEARTH_CACHE:-$HOME/.cache/hearth}/race
  venv=$cache/llama.cpp-$version
  if [ ! -f "$venv/built" ]; then
    echo "building llama.cpp for this CPU, once ..." >&2
    mkdir -p "$cache"
    python3 -m venv "$venv"
    # Without pip's cache: a wheel in it may have been built with other flags.
    CMAKE_ARGS="-DGGML_NATIVE=ON -DLLAVA_BUILD=OFF" "$venv/bin/pip" install --quiet --no-cache-dir \
      --no-binary llama-cpp-python "llama-cpp-python==$version" >&2
    touch "$venv/built"
  fi
}
