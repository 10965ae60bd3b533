# Fails where a memory that Yosys has found no memory primitive for, in a dump of $mem_v2 cells, has more
# than `most` bits; says which. Memories that are never written are tables, not memories.
$1 == "attribute" && $2 == "\\src" { at = $3; gsub(/"|\|.*/, "", at) }
$1 == "cell" { name = ""; size = width = ports = 0 }
$1 == "parameter" && $2 == "\\MEMID" { name = $3; gsub(/["\\]/, "", name) }
$1 == "parameter" && $2 == "\\SIZE" { size = $3 }
$1 == "parameter" && $2 == "\\WIDTH" { width = $3 }
$1 == "parameter" && $2 == "\\WR_PORTS" { ports = $3 }
$1 == "end" && name != "" {
  if (ports != 0 && size * width > most && !bad++)
    printf "memory %s (%s), %d x %d bits, would become flip-flops\n", name, at, size, width
  name = ""
}
END { exit bad ? 1 : 0 }
