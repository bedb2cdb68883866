#!/bin/bash -eu
# Builds every native fuzz target: they are discovered, not listed. The build
# tool takes targets from files that are no tests, so the test file is copied.
cd "$(dirname "$(readlink -f go.mod)")"
cp fuzz/native/native_test.go fuzz/native/native_fuzz_test.go
trap 'rm -f fuzz/native/native_fuzz_test.go' EXIT
mv fuzz/native/native_test.go "$WORK/" && trap 'mv "$WORK/native_test.go" fuzz/native/; rm -f fuzz/native/native_fuzz_test.go' EXIT
go get github.com/AdamKorcz/go-118-fuzz-build/testing
for target in $(go test ./fuzz/native -list '^Fuzz' | grep '^Fuzz'); do
  compile_native_go_fuzzer sigconform/fuzz/native "$target" "$target"
done
