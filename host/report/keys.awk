# Prints the second file, in which the mark of the keys is replaced by the tables of the first,
# keys.md, as JSON: {"results[].cycles":{"meaning":"...","unit":"cycles"},...}.
# usage: awk -f keys.awk keys.md TEMPLATE
function quoted(s) {
  gsub(/^ +| +$/, "", s)
  gsub(/\\/, "\\\\", s)
  gsub(/"/, "\\\"", s)
  gsub(/</, "\\u003c", s)
  return "\"" s "\""
}
FNR == NR {
  if (split($0, cell, / *\| */) == 5 && cell[2] ~ /^`/) {
    gsub(/`/, "", cell[2])
    gsub(/`/, "", cell[4])
    json = json (json ? ",\n" : "{") quoted(cell[2]) ":{\"unit\":" quoted(cell[3]) ",\"meaning\":" quoted(cell[4]) "}"
  }
  next
}
{
  at = index($0, "<!--KEYS-->")
  if (!at)
    print
  else
    print substr($0, 1, at - 1) json "}" substr($0, at + length("<!--KEYS-->"))
}
