# OpenSTA does not read an assignment to a list: `assign {a, b[3:2]} = {c, d, 1'h0};` becomes one a bit.
$1 == "output" && $2 ~ /^\[/ {
  name = $3
  sub(/;$/, "", name)
  width[name] = substr($2, 2) + 1
}
$1 == "assign" && $2 == "{" {
  sub(/^ *assign \{ /, "")
  sub(/ *\};$/, "")
  at = index($0, "} = ")
  right = substr($0, at + 4)
  sub(/^\{ /, "", right)
  sub(/;$/, "", right)
  n = bits(substr($0, 1, at - 1), to)
  if (bits(right, from) != n) {
    print "shirasim: timing: cannot take apart: " $0 >"/dev/stderr"
    exit 1
  }
  for (i = 1; i <= n; i++) print "  assign " to[i] " = " from[i] ";"
  next
}
{ print }
# The bits of a list, the most significant first, into bit[1..]; returns how many.
function bits(list, bit,   part, parts, k, n, name, range, ends, size, digits, b) {
  parts = split(list, part, /, */)
  n = 0
  for (k = 1; k <= parts; k++) {
    name = part[k]
    gsub(/^ +| +$/, "", name)
    if (match(name, /^[0-9]+'h/)) {
      size = substr(name, 1, RLENGTH - 2) + 0
      digits = substr(name, RLENGTH + 1)
      for (b = size - 1; b >= 0; b--) bit[++n] = "1'b" bit_of(digits, b)
    } else if (match(name, /\[[0-9]+:[0-9]+\]$/)) {
      split(substr(name, RSTART + 1, RLENGTH - 2), ends, ":")
      name = substr(name, 1, RSTART - 1)
      for (b = ends[1] + 0; b >= ends[2]; b--) bit[++n] = name "[" b "]"
    } else if (name in width) {
      for (b = width[name] - 1; b >= 0; b--) bit[++n] = name "[" b "]"
    } else bit[++n] = name ~ /^\\/ ? name " " : name
  }
  return n
}
function bit_of(digits, b,   d) {
  d = index("0123456789abcdef", substr(digits, length(digits) - int(b / 4), 1)) - 1
  return d < 0 ? 0 : int(d / 2 ^ (b % 4)) % 2
}
