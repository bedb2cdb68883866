#!/bin/bash -eu
# Builds every native fuzz target: they are discovered, not listed. It runs in
# the image of the Dockerfile beside it, which has compile_native_go_fuzzer.
cd "$SRC/sigconform"
go get github.com/AdamKorcz/go-118-fuzz-build/testing # what the targets' testing.F becomes
for package in $(go list ./...); do
  for target in $(go test "$package" -list '^Fuzz' | grep '^Fuzz'); do
    compile_native_go_fuzzer "$package" "$target" "$target"
  done
done
