#!/usr/bin/env bash
# Damaged safetensors files: as an adapter, and as base weights.
. tests/cli/common
config='{"peft_type": "SHIRA", "r": 1}'
weight=$(tensor linear.shira_weight F32 2 0 8)
indices=$(tensor linear.shira_indices I32 2,2 8 24)
data=$(i32 0x3f800000 0x3f800000)$(i32 0 1 2 3)
adapter good "$config" "$weight,$indices" "$data"
run adapter inspect "$dir/good"

good=$dir/good/adapter_model.safetensors
bytes=$(wc -c <"$good")
adapter bad "$config" '' ''
file=$dir/bad/adapter_model.safetensors

# damaged WHAT: the adapter whose weights are now in $file.
damaged() {
  echo "$1:"
  run adapter inspect "$dir/bad"
}

echo "Truncated:"
echo
for n in 0 7 8 60 $((bytes - 1)); do
  head -c "$n" "$good" >"$file"
  damaged "$n bytes"
done

echo "Oversized:"
echo
{ cat "$good" && printf '\0'; } >"$file"
damaged "one byte more"
for length in $(i32 300 0) $(i32 100000001 0) $(i32 -1 -1) $(i32 0 0x80000000); do
  { printf '%b' "$length" && tail -c +9 "$good"; } >"$file"
  damaged "header length $length"
done

echo "Tensors:"
echo
header() { # WHAT ENTRIES
  safetensors "$file" "$2" "$data"
  damaged "$1"
}
header "overlap" "$weight,$(tensor linear.shira_indices I32 2,2 4 20)"
header "gap" "$(tensor linear.shira_weight F32 1 0 4),$indices"
header "outside" "$weight,$(tensor linear.shira_indices I32 2,3 8 32)"
header "end before begin" "$weight,$(tensor linear.shira_indices I32 2,2 24 8)"
header "another size than its shape" "$weight,$(tensor linear.shira_indices I32 2,3 8 24)"
header "size that overflows" "$weight,$(tensor linear.shira_indices I32 4294967296,4294967296 8 24)"
header "negative" "$weight,$(tensor linear.shira_indices I32 2,-2 8 24)"
header "unknown dtype" "$weight,$(tensor linear.shira_indices I33 2,2 8 24)"
header "tensor twice" "$weight,$weight,$indices"
header "key twice" "${weight/,/,\"dtype\":\"F32\",},$indices"
header "no JSON" "$weight,$indices,"
header "no tensor" ''

echo "What is no file:"
echo
rm "$file" && mkdir "$file"
damaged "folder"
rmdir "$file" && mkfifo "$file"
damaged "FIFO"

echo "Base weights:"
echo
weights() { # ENTRIES DATA
  safetensors "$dir/weights.safetensors" "$1" "$2"
  run adapter make --square 2 --rank 1 --weights "$dir/weights.safetensors" "$dir/new"
}
ones=$(i32 0x3f800000 0x3f800000 0x3f800000 0x3f800000)
weights "$(tensor linear.weight F32 2,2 0 16)" "$ones"
weights "$(tensor linear.weight F32 2,2 0 16)" "${ones:16}"
weights "$(tensor linear.weight F32 4,1 0 16)" "$ones"
weights "$(tensor linear.weight F32 4 0 16)" "$ones"
weights "$(tensor linear.weight I32 2,2 0 16)" "$ones"
weights "$(tensor linear.weight F32 2,2 0 16)" "${ones:16}$(i32 0x7f800000)"
weights "$(tensor linear.weight F32 2,2 0 16)" "$(i32 0 0 0 0)"
weights "$(tensor another.weight F32 2,2 0 16)" "$ones"
weights "$(tensor a.linear.weight F32 2,2 0 16),$(tensor b.linear.weight F32 2,2 16 32)" \
  "$ones$ones"
