# Sourced. Both build from the source package of llama-cpp-python for this very CPU the first time (10 and 7 minutes on two cores), in
# ~/.cache/hearth/race or $HEARTH_CACHE/race. They need Python 3 with venv, cmake and a C++ compiler.
llama_cpp_version=0.3.36

# llama_cpp sets venv to a Python with llama-cpp-python, and cache to the folder.
llama_cpp() {
  cache=${HEARTH_CACHE:-$HOME/.cache/hearth}/race
  venv=$cache/llama.cpp-$llama_cpp_version
  if [ ! -f "$venv/built" ]; then
    echo "building llama.cpp for this CPU, once ..." >&2
    mkdir -p "$cache"
    python3 -m venv "$venv"
    # Without pip's cache: a wheel in it may have been built with other flags.
    CMAKE_ARGS="-DGGML_NATIVE=ON -DLLAVA_BUILD=OFF" "$venv/bin/pip" install --quiet --no-cache-dir \
      --no-binary llama-cpp-python "llama-cpp-python==$llama_cpp_version" >&2
    touch "$venv/built"
  fi
}

# After llama_cpp: llama_server sets server to the llama-server of the same sources.
llama_server() {
  local folder=$cache/llama-server-$llama_cpp_version
  server=$folder/build/bin/llama-server
  if [ ! -f "$folder/built" ]; then
    echo "building llama-server for this CPU, once ..." >&2
    rm -rf "$folder"
    mkdir -p "$folder"
    "$venv/bin/pip" download --quiet --no-cache-dir --no-deps --no-binary llama-cpp-python --dest "$folder" \
      "llama-cpp-python==$llama_cpp_version" >&2
    tar -xzf "$folder"/llama_cpp_python-*.tar.gz -C "$folder" --strip-components=1
    # Without TLS, the page for browsers and what else no benchmark asks for.
    if ! {
      cmake -S "$folder/vendor/llama.cpp" -B "$folder/build" -DCMAKE_BUILD_TYPE=Release -DGGML_NATIVE=ON -DBUILD_SHARED_LIBS=OFF \
        -DLLAMA_OPENSSL=OFF -DLLAMA_BUILD_UI=OFF -DLLAMA_USE_PREBUILT_UI=OFF -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF \
        -DLLAMA_BUILD_APP=OFF && cmake --build "$folder/build" --target llama-server --parallel "$(nproc)"
    } >"$folder/build.log" 2>&1; then
      echo "llama-server was not built: $folder/build.log says why" >&2
      exit 1
    fi
    touch "$folder/built"
  fi
}
