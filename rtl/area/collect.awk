# Sums what Yosys' `stat` said of each block into JSON (file `json`) and a table (standard output).
# Reads, for each block, NAME.memory (memory bits as written), NAME.generic (`stat -width` of word-level
# cells) and NAME.xilinx (primitives); of each file the last section counts, the sum over the hierarchy.
# Variables: machine, hash, tool, json, least. Fails on a primitive that it does not know, a latch included,
# and where all memories have less than `least` bits, since an array was not seen as a memory then.
BEGIN {
  n_fields = split("cells ff_bits memory_bits lut lut_ram ff dsp ramb36 ramb18 uram", field)
  split("cells FF_bits memory_bits LUT of_them_RAM FF DSP48E2 RAMB36 RAMB18 URAM", title)
  # LUTs that a primitive takes (UltraScale+ libraries guide, UG974). Carry chains and wide multiplexers
  # lie beside the LUTs.
  split("LUT1 LUT2 LUT3 LUT4 LUT5 LUT6 INV", one)
  for (i in one) luts[one[i]] = 1
  split("SRL16E 1 SRLC32E 1 RAM32X1S 1 RAM64X1S 1 RAM128X1S 2 RAM256X1S 4 RAM512X1S 8 RAM32X1D 2 " \
        "RAM64X1D 2 RAM128X1D 4 RAM256X1D 8 RAM32M 4 RAM64M 4 RAM32M16 8 RAM64M8 8 RAM32X16DR8 8 " \
        "RAM64X8SW 8", pair)
  for (i = 1; i in pair; i += 2) rams[pair[i]] = pair[i + 1]
  split("FDRE ff FDSE ff FDCE ff FDPE ff DSP48E2 dsp RAMB36E2 ramb36 RAMB18E2 ramb18 URAM288 uram", pair2)
  for (i = 1; i in pair2; i += 2) counts[pair2[i]] = pair2[i + 1]
  split("CARRY4 CARRY8 MUXF7 MUXF8 MUXF9", free)
  for (i in free) beside[free[i]] = 1
}
FNR == 1 {
  block = kind = FILENAME
  sub(/.*\//, "", block)
  sub(/.*\./, "", kind)
  sub(/\.[^.]*$/, "", block)
  if (!(block in seen)) { seen[block]; name[++n] = block }
}
/^===/ {
  for (i = 1; i <= n_fields; i++)
    if (of(field[i]) == kind) sum[block, field[i]] = 0
  in_cells = 0
}
kind == "memory" && /Number of memory bits:/ { sum[block, "memory_bits"] = $NF }
/Number of cells:/ { in_cells = 1; next }
NF != 2 { in_cells = 0 }
# A module that is not looked into is counted as its own block.
in_cells && $1 ~ /shira_/ { next }
in_cells && kind == "generic" {
  sum[block, "cells"] += $2
  if ($1 ~ /^\$(s|a|al)?d(ff|latch)/) {
    width = $1
    sub(/.*_/, "", width)
    sum[block, "ff_bits"] += $2 * width
  }
}
in_cells && kind == "xilinx" {
  if ($1 in luts) sum[block, "lut"] += $2
  else if ($1 in rams) { sum[block, "lut"] += rams[$1] * $2; sum[block, "lut_ram"] += rams[$1] * $2 }
  else if ($1 in counts) sum[block, counts[$1]] += $2
  else if (!($1 in beside)) unknown[$1 " in " block]
}
function of(f) { return f == "memory_bits" ? "memory" : f == "cells" || f == "ff_bits" ? "generic" : "xilinx" }
function object(b,   i, text) {
  for (i = 1; i <= n_fields; i++)
    text = text sprintf("%s\"%s\": %d", i > 1 ? ", " : "", field[i], sum[b, field[i]])
  return text "}"
}
function row(b,   i) {
  printf "%-10s", b
  for (i = 1; i <= n_fields; i++) printf " %*d", width_of(i), sum[b, field[i]]
  print ""
}
function width_of(i) { return length(title[i]) > 8 ? length(title[i]) : 8 }
END {
  for (u in unknown) { print "shirasim: area: unknown primitive " u >"/dev/stderr"; exit 1 }
  for (k = 1; k <= n; k++)
    for (i = 1; i <= n_fields; i++) sum["total", field[i]] += sum[name[k], field[i]]
  if (sum["total", "memory_bits"] < least) {
    print "shirasim: area: the SRAMs have " least " bits, all memories " sum["total", "memory_bits"] >"/dev/stderr"
    exit 1
  }
  printf "{\"version\": 1, \"machine\": \"%s\", \"hash\": \"%s\",\n \"tool\": \"%s\", \"family\": \"xcup\",\n" \
         " \"blocks\": [\n", machine, hash, tool >json
  for (k = 1; k <= n; k++)
    printf "  {\"name\": \"%s\", %s%s\n", name[k], object(name[k]), k < n ? "," : "" >json
  printf " ],\n \"total\": {%s}\n", object("total") >json
  printf "%-10s", "block"
  for (i = 1; i <= n_fields; i++) {
    text = title[i]
    gsub(/_/, " ", text)
    printf " %*s", width_of(i), text
  }
  print ""
  for (k = 1; k <= n; k++) row(name[k])
  row("total")
}
