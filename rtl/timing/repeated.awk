# Modules that one module of an elaborated design (RTLIL) has four times or more, and that are in one of the modules that the
# variable of the environment roots names: not -v, which would take their backslashes.
$1 == "module" { module = $2 }
$1 == "cell" && $2 ~ /shira_/ {
  if (++times[module, $2] == 1) children[module] = children[module] " " $2
  if (times[module, $2] == 4 && !(often[$2]++)) found[++n] = $2
}
function reach(m,   list, k) {
  if (reached[m]++) return
  split(children[m], list, " ")
  for (k in list) reach(list[k])
}
END {
  split(ENVIRON["roots"], root, " ")
  for (i in root) reach(root[i])
  for (k = 1; k <= n; k++)
    if (found[k] in reached) print found[k]
}
