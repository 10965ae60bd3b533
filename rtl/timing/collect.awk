# Makes JSON (file `json`) and a table (standard output) of what OpenSTA said.
# Reads processes (name and FO4 delay in ps), fo4.ends (slack after 10 and 20 inverters) and paths (the deepest path of each
# group; its depth is the period less the slack, so setup of the last register and clock-to-output of the first are in).
# Variables: machine, hash, tool, library, period (ns), most (FO4), blocks (names), json. Fails where nothing was measured.
FILENAME ~ /processes$/ && $2 > 0 {
  process[++n_processes] = $1
  ps[n_processes] = $2
  next
}
FILENAME ~ /fo4\.ends$/ {
  if (/at10/) at10 = $NF
  if (/at20/) at20 = $NF
  next
}
/^Startpoint:/ { start = wire($2); n_cells = 0; through = "" }
/^Endpoint:/ { end = wire($2) }
/^Path Group:/ { block = $3 == "cycle" ? "top" : $3 }
/\) *$/ && /\/[A-Z]+[0-9]* \(/ && !/CLK \(/ && !/\/D \(/ {
  n_cells++
  place = $4
  sub(/\/.*/, "", place)
  sub(/^u_/, "", place)
  if (place != last_of(through)) through = through (through ? " " : "") place
}
$2 == "slack" { ns[block] = period - $1; from[block] = start; to[block] = end; cells[block] = n_cells; way[block] = through }
function last_of(list,   part, n) { n = split(list, part, " "); return part[n] }
# The wire of a register, as the RTL has it; of an SRAM its array.
function wire(pin) {
  gsub(/\\+[A-Z][A-Z0-9]+$/, "", pin)
  gsub(/\\/, "", pin)
  sub(/\.pin_(in|out)\[[0-9]+\]\.sram.*/, " (SRAM)", pin)
  gsub(/\//, ".", pin)
  gsub(/"/, "", pin)
  return pin
}
END {
  fo4 = (at10 - at20) / 10
  n = split(blocks, name, " ")
  if (!(fo4 > 0)) { print "shirasim: timing: no FO4 was measured" >"/dev/stderr"; exit 1 }
  for (k = 1; k <= n; k++)
    if (name[k] in ns) {
      deep[k] = ns[name[k]] / fo4
      if (deep[k] > deepest) deepest = deep[k]
    }
  if (!deepest) { print "shirasim: timing: there is no path" >"/dev/stderr"; exit 1 }
  printf "{\"version\": 1, \"machine\": \"%s\", \"hash\": \"%s\",\n \"tool\": \"%s\", \"library\": \"%s\", " \
         "\"fo4_ns\": %.5f,\n \"blocks\": [\n", machine, hash, tool, library, fo4 >json
  printf "%-10s %6s %6s %5s  %s\n", "block", "FO4", "ns", "cells", "from -> to"
  for (k = 1; k <= n; k++) {
    b = name[k]
    if (!(b in ns)) {
      printf "%-10s %6s %6s %5s  no path between registers ends here\n", b, "-", "-", "-"
      continue
    }
    printf "%s  {\"name\": \"%s\", \"fo4\": %.1f, \"ns\": %.3f, \"cells\": %d, \"from\": \"%s\", \"to\": \"%s\", " \
           "\"through\": \"%s\"}", (n_told++ ? ",\n" : ""), b, deep[k], ns[b], cells[b], from[b], to[b], way[b] >json
    printf "%-10s %6.1f %6.2f %5d  %s -> %s\n", b, deep[k], ns[b], cells[b], from[b], to[b]
  }
  printf "\n ]}\n" >json
  printf "FO4 in this library: %.4f ns. Clock that the deepest path allows, wires and SRAMs apart:\n", fo4
  for (k = 1; k <= n_processes; k++)
    printf "%7s  %5.1f ps %6d MHz\n", process[k], ps[k], 1e6 / (deepest * ps[k])
}
