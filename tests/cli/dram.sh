#!/usr/bin/env bash
# Requests of a file on a machine's memory: what it prints, and what is wrong with files.
. tests/cli/common

run dram
run dram --machine edge16
run dram trace
run dram a b --machine edge16
run dram trace --machine edge16 --in-flight 0
run dram trace --machine edge16 --without cas,all
run dram "$dir/none" --machine edge16
run dram "$dir/none" --machine tiny
run dram "$dir/none" --machine nosuch

# Reads in sequence, then a write in each eighth of them.
for ((i = 0; i < 4096; i++)); do
  printf 'R 0x%x\n' $((32 * i))
  [ $((i % 8)) = 7 ] && printf 'W %d\n' $((1048576 + 32 * i))
done >"$dir/plain"
run dram "$dir/plain" --machine edge16
run dram "$dir/plain" --machine edge16 --json
run dram "$dir/plain" --machine edge32 --in-flight 8
run dram "$dir/plain" --machine edge32 --in-flight 8 --without masked,cas,split
printf '# two, far apart\n\n0x0 READ 0\n\t0x20 WRITE 10\r\n64 READ 5000' >"$dir/timed"
run dram "$dir/timed" --machine edge16

# One sentence for each line that is wrong.
bad() {
  printf "$1" >"$dir/bad"
  run dram "$dir/bad" --machine edge16
}
bad ''
bad '# nothing\n'
bad 'R\n'
bad 'R 0\nX 0\n'
bad 'R zero\n'
bad 'R -1\n'
bad 'R 0x\n'
bad 'R 99999999999999999999\n'
bad 'W 0x100000000000\n'
bad 'R 0 1 2\n'
bad 'R 0\n0 READ 1\n'
bad '0 read 1\n'
bad '0 READ soon\n'
bad '0 READ 9223372036854775808\n'
bad '0 READ 5\n0 READ 4\n'
bad 'R 0\0 1\n'
bad 'R \377\n'
bad "R $(printf '0%.0s' {1..300})\n"
