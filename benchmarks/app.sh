# Sourced, with root set: app builds Hearth and its benchmarks into benchmarks/target/app if a source is newer, with a JDK that JAVA_HOME then names.
. "$root/tools/jdk.sh"
app() {
  find_jdk
  local app=$root/benchmarks/target/app
  local inputs=("$root"/{core,native,cpu-fallback,benchmarks,samples/cli,samples/tiny-model}/src/main "$root"/native/{cpu,include})
  if [ ! -f "$app/built" ] || [ -n "$(find "${inputs[@]}" -newer "$app/built" -type f -print -quit)" ]; then
    echo "building Hearth ..." >&2
    (cd "$root" && ./mvnw -B -q -pl benchmarks -am package -DskipTests -Dspotless.check.skip=true -Dcompiler.warnings=-Xdiags:compact >&2)
    touch "$app/built"
  fi
}

# peers does the same for the sides of other JVM libraries, which come from Maven Central.
peers() {
  local peers=$root/benchmarks/race/peers
  if [ -n "$(find "$peers/pom.xml" "$peers/src" -newer "$peers/target/app/built" -type f -print -quit 2>&1)" ]; then
    echo "building the sides of other JVM libraries ..." >&2
    "$root/mvnw" -B -q -ntp -f "$peers/pom.xml" package >&2
    mkdir -p "$peers/target/tmp"
    touch "$peers/target/app/built"
  fi
}
