# Prints what the tests covered of the RTL and fails where that is not enough.
# usage: awk -v root=DIR/ -v least=PERCENT -v properties=N -f report.awk EXCLUDE MERGED.dat
# N: cover properties in the source; all must have been built.
#
# A point is what Verilator counts: a block, a branch (also the else that nobody wrote), a case item,
# a cover property. It is hit if any instance hit it. A line is hit if all its points are. What
# EXCLUDE names is left out; an entry of it that names no unhit point fails.

function trim(s) {
  gsub(/^[ \t]+|[ \t]+$/, "", s)
  return s
}

function field(key, i) {
  for (i = 2; i <= parts; i++)
    if (substr(part[i], 1, length(key) + 1) == key "\002")
      return substr(part[i], length(key) + 2)
  return ""
}

# Text of a line of a file of the RTL.
function text(file, line, n, s) {
  if (!(file in loaded)) {
    loaded[file] = 1
    while ((getline s < file) > 0)
      source[file, ++n] = trim(s)
    close(file)
  }
  return source[file, line]
}

# What a cover property is of: the first word of its name.
function class_of(s) {
  return match(s, /\((state|error|stall)_/) ? substr(s, RSTART + 1, RLENGTH - 2) : ""
}

# Whether EXCLUDE names the unhit point.
function excluded(file, name, i, found) {
  for (i = 1; i <= entries; i++)
    if (entry_file[i] == file && index(name, entry_point[i])) {
      entry_used[i]++
      found = 1
    }
  return found
}

FILENAME == ARGV[1] {
  if (/^(#|$)/)
    next
  key = $1
  value = substr($0, length(key) + 2)
  if (key == "file:")
    file = value
  else if (key == "point:") {
    entry_file[++entries] = file
    entry_point[entries] = value
  } else if (key == "why:" && entries)
    entry_why[entries] = value
  else {
    print FILENAME ": '" $0 "' is not understood"
    bad = 1
  }
  next
}

/^C / {
  parts = split($0, part, "\001")
  file = field("f")
  if (index(file, root) == 1)
    file = substr(file, length(root) + 1)
  if (file !~ /^rtl\//)
    next
  key = file SUBSEP field("l") SUBSEP field("n") SUBSEP field("o")
  if (!(key in hits)) {
    points++
    order[points] = key
    at[key] = file
    line[key] = field("l") + 0
    kind[key] = field("page") ~ /^v_user/ ? "cover" : field("o")
    span[key] = field("S")
  }
  hits[key] += $NF
}

END {
  for (i = 1; i <= points; i++) {
    key = order[i]
    file = at[key]
    miss = hits[key] == 0
    out = 0
    if (miss) {
      name = kind[key] ": " text(file, line[key])
      out = excluded(file, name)
      if (!out)
        missed[++unhit] = key
    }
    if (kind[key] == "cover") {
      class = class_of(text(file, line[key]))
      if (class == "") {
        print file ":" line[key] ": a cover property of no kind"
        bad = 1
      }
      built++
      covers[class] += !out
      covered[class] += !miss
      uncovered += miss && !out
      continue
    }
    # The lines of a point: "5-7,9"; an else that nobody wrote has none, it counts where its if is.
    n = split(span[key] == "" ? line[key] : span[key], ranges, ",")
    for (r = 1; r <= n; r++) {
      split(ranges[r], end, "-")
      if (!(2 in end) || end[2] == "")
        end[2] = end[1]
      for (l = end[1] + 0; l <= end[2] + 0; l++) {
        if (!((file, l) in seen)) {
          seen[file, l] = 1
          of[file, l] = file
        }
        if (miss && !out)
          dark[file, l] = 1
        if (out)
          gone[file, l] = 1
        else
          keep[file, l] = 1
      }
      delete end
    }
  }
  for (k in seen) {
    if (!(k in keep))
      continue
    lines[of[k]]++
    total++
    if (!(k in dark)) {
      lit[of[k]]++
      hit++
    }
  }
  print "lines hit  of      %  file"
  fflush()
  sort = "sort -k4"
  for (file in lines)
    printf "%9d %4d %6.1f  %s\n", lit[file], lines[file], 100 * lit[file] / lines[file], file | sort
  close(sort)
  sort = "sort -t: -k1,1 -k2,2n"
  for (i = 1; i <= unhit; i++) {
    key = missed[i]
    printf "%s:%d: not hit: %s: %s\n", at[key], line[key], kind[key], text(at[key], line[key]) | sort
  }
  close(sort)
  for (i = 1; i <= entries; i++) {
    if (!entry_used[i]) {
      print "stale exclusion: " entry_file[i] ": " entry_point[i]
      bad = 1
    }
    if (entry_why[i] == "") {
      print "exclusion without a reason: " entry_file[i] ": " entry_point[i]
      bad = 1
    }
  }
  printf "states: %d of %d, errors: %d of %d, stalls: %d of %d\n", covered["state"], covers["state"],
    covered["error"], covers["error"], covered["stall"], covers["stall"]
  if (built != properties) {
    print built " cover properties were built, of " properties
    bad = 1
  }
  percent = total ? 100 * hit / total : 0
  printf "lines: %d of %d, %.1f %%\n", hit, total, percent
  exit bad || uncovered || percent < least
}
