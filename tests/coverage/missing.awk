# Says which cover properties the RTL lacks; fails where one does. usage: awk -f missing.awk RTL...
#   state_   for each item of each enum of a module: a condition `== ITEM`
#   error_   for each status that a folder of the RTL names: error_STATUS in that folder
#   stall_   for each port X_ready_i or X_ready_o of a module that has stall_ covers: stall_X, or more
#            of them for the parts of a vector

function snake(s, out, c, i) {
  for (i = 1; i <= length(s); i++) {
    c = substr(s, i, 1)
    out = out (c ~ /[A-Z]/ ? (i > 1 ? "_" : "") tolower(c) : c)
  }
  return out
}

function lacks(where, what) {
  print where ": no cover property for " what
  bad = 1
}

FNR == 1 {
  inside = 0
  folder = FILENAME
  sub(/\/[^\/]*$/, "", folder)
}

match($0, /SHIRA_COVER\([a-z0-9_]+/) {
  name = substr($0, RSTART + 12, RLENGTH - 12)
  covers[FILENAME] = covers[FILENAME] " " name
  all[folder] = all[folder] " " name " "
  if (name ~ /^stall_/)
    streams[FILENAME] = 1
  if (match($0, /== [A-Za-z0-9_]+\)/))
    reached[FILENAME, substr($0, RSTART + 3, RLENGTH - 4)] = 1
  next
}

FILENAME ~ /_pkg\.sv$/ {
  next
}

{
  sub(/\/\/.*/, "")
}

/typedef enum/ {
  inside = 1
  next
}

inside && /}/ {
  inside = 0
}

inside && match($0, /[A-Za-z][A-Za-z0-9_]*/) {
  n++
  state_file[n] = FILENAME
  state[n] = substr($0, RSTART, RLENGTH)
}

/(input|output) .*[a-z]_ready_[io]/ && match($0, /[a-z_]+_ready_[io]/) {
  p++
  port_file[p] = FILENAME
  port[p] = substr($0, RSTART, RLENGTH - 8)
}

{
  while (match($0, /shira_regs_pkg::Status[A-Za-z]+/)) {
    status[folder, substr($0, RSTART + 22, RLENGTH - 22)] = 1
    $0 = substr($0, RSTART + RLENGTH)
  }
}

END {
  for (i = 1; i <= n; i++)
    if (!((state_file[i], state[i]) in reached))
      lacks(state_file[i], "state " state[i])
  for (key in status) {
    split(key, part, SUBSEP)
    if (part[2] != "Ok" && !index(all[part[1]], " error_" snake(part[2]) " "))
      lacks(part[1], "status " part[2])
  }
  for (i = 1; i <= p; i++)
    if (port_file[i] in streams && (covers[port_file[i]] " ") !~ (" stall_" port[i] "[_ ]"))
      lacks(port_file[i], "a stall of " port[i])
  exit bad
}
