#!/bin/sh
# Stands in for a compiler driver: "compiles" by copying, refuses sources with #error, logs what it does.
log=$1
shift
step=link inputs= output=
while [ $# -gt 0 ]; do
  case $1 in
    -c) step="compile ${2##*/}" inputs=$2 && shift ;;
    -o) output=$2 && shift ;;
    *.o) inputs="$inputs $1" ;;
  esac
  shift
done
echo "$step" >> "$log"
cat $inputs > "$output"
case "$step $(cat "$output")" in
  *\#error*)
    echo "in file included from here:
$inputs:1:2: error: #error on purpose" >&2
    exit 1 ;;
  link*undefined_function*)
    echo "/usr/bin/ld: main.o: in function \`main':
main.c:(.text+0x0): undefined reference to \`undefined_function'" >&2
    exit 1 ;;
  link*huge*)
    echo "ld.lld: error: section '.bss' will not fit in region 'ram': overflowed by 42 bytes" >&2
    exit 1 ;;
esac
