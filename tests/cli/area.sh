#!/usr/bin/env bash
# The area of tiny with one lane: parts that are quick, so that every figure comes from Yosys, and the report that
# reads it.
. tests/cli/common
narrow=$dir/narrow.yaml
sed 's/lanes: 2$/lanes: 1/' configs/hw/tiny.yaml >"$narrow"
hash=$("$B/shirasim" machine hash "$narrow")
area() { # MACHINE BLOCKS: prints the table
  AREA_DIR=$dir/area BLOCKS=$2 make -s area B="$B" MACHINE="$1" 2>&1 | plain
}
figure() { # BLOCK COLUMN, of a table
  awk -v block="$1" -v column="$2" 'NR == 1 { gsub(/FF bits/, "FF_bits"); gsub(/memory bits/, "memory_bits")
    gsub(/of them RAM/, "of_them_RAM"); for (i = 1; i <= NF; i++) if ($i == column) c = i }
    $1 == block { print $c }'
}

sed 's/outstanding: 4$/outstanding: 2/' "$narrow" >"$dir/few.yaml"
area "$dir/few.yaml" axi_read >"$dir/few" &
area "$narrow" "axi_read gate memories top" >"$dir/table"
wait
awk '{ print $1 }' "$dir/table"
awk 'NR > 1 && $1 != "total" { for (i = 2; i <= NF; i++) sum[i] += $i }
  $1 == "total" { for (i = 2; i <= NF; i++) if (sum[i] != $i) bad = 1; print bad ? "sum differs" : "total is the sum" }' \
  "$dir/table"
bits=$(figure memories memory_bits <"$dir/table") ff=$(figure memories FF <"$dir/table")
room=$((36864 * $(figure memories RAMB36 <"$dir/table") + 18432 * $(figure memories RAMB18 <"$dir/table") + \
  294912 * $(figure memories URAM <"$dir/table")))
[ "$bits" = $((8 * (64 + 16 + 4 + 4) * 1024)) ] && [ "$room" -ge "$bits" ] && [ "$ff" -lt 1000 ] &&
  echo "all SRAMs are in RAM primitives"

[ "$(figure axi_read LUT <"$dir/few")" -lt "$(figure axi_read LUT <"$dir/table")" ] &&
  echo "two reads in flight take fewer LUTs than four"

cp "$dir/area/$hash-part.json" "$dir/area/$hash.json"
area "$narrow" "gate top" >"$dir/once"
cp "$dir/area/$hash-part.json" "$dir/once.json"
rm "$dir/area/$hash-part.stamp"
area "$narrow" "gate top" | cmp - "$dir/once" && cmp "$dir/area/$hash-part.json" "$dir/once.json" &&
  echo "the same inputs, the same bytes"
touch "$dir/before"
area "$narrow" "gate top" | cmp - "$dir/once" && [ "$dir/area/$hash-part.json" -ot "$dir/before" ] &&
  echo "nothing changed, nothing made anew"
echo

echo "What cannot be:"
area "$narrow" nosuch | grep '^shirasim'
# Three writes a cycle: no memory primitive has so many ports.
sed "s|^endmodule.*|  (* keep *) logic [2:0] planted_q[4];\\
  (* keep *) logic [2:0] planted;\\
  assign planted = planted_q[{halt_i, rst_ni}];\\
  always_ff @(posedge clk_i) begin\\
    planted_q[idle_i[1:0]] <= cmd_valid_i;\\
    planted_q[cmd_valid_i[1:0]] <= idle_i;\\
    planted_q[idle_i[2:1]] <= ~idle_i;\\
  end\\
endmodule|" rtl/common/shira_gate.sv >"$dir/shira_gate.sv"
sources=$(make -pn B="$B" 2>/dev/null | sed -n 's/^RTL_SRC := //p')
AREA_DIR=$dir/area BLOCKS=gate MOST=8 make -s area B="$B" MACHINE="$narrow" \
  RTL_SRC="${sources/rtl\/common\/shira_gate.sv/$dir/shira_gate.sv}" 2>&1 | plain |
  grep '^shirasim' | sed "s/$hash/HASH/; s/:[0-9.-]*), [0-9]* x [0-9]* bits/), N bits/"
echo

tiny=$dir/tiny.yaml
sed "s|^machine: .*|machine: $narrow|" configs/experiments/tiny.yaml >"$tiny"
run run "$tiny" --device golden --area-dir "$dir/area" --out "$dir/out" | tail -n 3
grep -o '"name":"gate"' "$dir/out/report.json"
echo
sed '$d' "$dir/once.json" >"$dir/area/$hash.json"
run run "$tiny" --device golden --area-dir "$dir/area" --out "$dir/out" | sed "s/$hash/HASH/g"
