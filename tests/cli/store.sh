#!/usr/bin/env bash
# The store of results: lists, what is removed and what is not, and that it says why.
. tests/cli/common
store=$dir/store
hash() { printf '%s' "$1" | sha256sum | cut -c1-64; }

# result ID JSON AGE: the result of a point of that id, with some more keys, written AGE ago.
result() {
  local h
  h=$(hash "$1")
  mkdir -p "$store/${h:0:2}"
  echo "{\"schema\":2,\"id\":\"$1\",\"program\":\"shirasim\",\"result\":$2,\"wall\":{\"total_s\":1}}" \
    >"$store/${h:0:2}/$h.json"
  touch -d "$3 ago" "$store/${h:0:2}/$h.json"
}

# manifest NAME ID...: a run that used those.
manifest() {
  local name=$1 list='' id
  shift
  for id; do list+=${list:+,}"{\"id\":\"$id\",\"hash\":\"$(hash "$id")\"}"; done
  mkdir -p "$store/runs"
  echo "{\"schema\":2,\"experiment\":\"mine\",\"results\":[$list]}" >"$store/runs/$name.json"
}

run store
run store --help
run store nosuch
run store list --help
run store list more
run store gc --help
run store gc --nosuch
run store list --store "$store"

mkdir "$store"
run store list --store "$store"
run store gc --store "$store"

result edge16/2048x2048/resident/shira-scatter '{"cycles":10516,"samples":[1,{"a":null}]}' '12 days'
result edge16/2048x2048/resident/base '{"cycles":247000}' '185 minutes'
result tiny/64x64/streamed/reload '{"cycles":null}' '61 minutes'
result tiny/64x64/streamed/base '{"no":"cycles"}' '119 seconds'
h=$(hash old) && mkdir -p "$store/${h:0:2}" && echo '{"schema":1}' >"$store/${h:0:2}/$h.json"
h=$(hash bare) && mkdir -p "$store/${h:0:2}" && echo '{"schema":2}' >"$store/${h:0:2}/$h.json"
touch -d '25 hours ago' "$store/${h:0:2}/$h.json"
run store list --store "$store"

manifest one edge16/2048x2048/resident/base edge16/2048x2048/resident/shira-scatter
manifest two edge16/2048x2048/resident/base tiny/64x64/streamed/reload notyet
echo half >"$store/runs/.three.json.1-0.part"
run store gc --dry-run --store "$store"
run store gc --store "$store"
run store gc --store "$store"
run store list --store "$store"

echo '{"results":' >"$store/runs/one.json"
run store gc --store "$store"
rm "$store/runs/one.json"
exec 7<"$store/.lock"
flock -s 7
run store gc --store "$store"
exec 7<&-
run store gc --store "$store"
"$B/shirasim" store list --store "$store" >/dev/full
echo "exit $?"
