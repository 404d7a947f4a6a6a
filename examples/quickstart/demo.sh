#!/bin/sh
# The walk, end to end: a base image, the component's image, the pipeline, a run. No Docker, no registry.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=${SKIFF_DEMO_DIR:-.work/demo}
rm -rf "$work"
mkdir -p "$work"
cp -R "$here/src" "$here/pipeline.py" "$work"
cd "$work"
KFP_HOME=$PWD/home
KFP_DEFAULT_BASE_IMAGE=localhost/python:demo
export KFP_HOME KFP_DEFAULT_BASE_IMAGE

show() {
    printf '\n$ %s\n' "$*"
    "$@"
}

show kfp image bootstrap localhost/python:demo
show kfp component build src/ --component-filepattern my_component.py --no-push-image
show kfp dsl compile --py pipeline.py --output pipeline.yaml
show kfp run create --package-file pipeline.yaml x=2 y=3
show kfp image list
