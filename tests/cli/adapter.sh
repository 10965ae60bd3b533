#!/usr/bin/env bash
# Adapters: made, looked into, and what is wrong with those of others.
. tests/cli/common

run adapter make --square 16 --rank 2 "$dir/shira"
run adapter inspect "$dir/shira"
run adapter make --square 16 --kind lora --rank 4 "$dir/lora"
run adapter inspect "$dir/lora"
run adapter inspect --json "$dir/lora"
run adapter make --model models/stories260k.yaml --mask struct --density 0.02 "$dir/model"
run adapter inspect tests/vectors/shira_windows

echo "The same seed gives the same files, another seed others:"
run adapter make --square 16 --rank 2 --seed 1 "$dir/again"
run adapter make --square 16 --rank 2 --seed 2 "$dir/other"
for file in adapter_config.json adapter_model.safetensors; do
  cmp "$dir/shira/$file" "$dir/again/$file" && echo "$file: equal"
  cmp -s "$dir/shira/$file" "$dir/other/$file" || echo "$file: different"
done
echo

echo "Options:"
run adapter make --square 16 "$dir/new"
run adapter make --square 16 --rank 2 --density 0.1 "$dir/new"
run adapter make --square 16 --model models/stories260k.yaml --rank 2 "$dir/new"
run adapter make --square 16 --rank 2
run adapter make --square 16 --rank 2 "$dir/new" "$dir/newer"
run adapter make --square 0 --rank 2 "$dir/new"
run adapter make --square 16 --rank 1.5 "$dir/new"
run adapter make --square 16 --rank 9999999 "$dir/new"
run adapter make --square 16 --rank 9 "$dir/new"
run adapter make --square 16 --density 1.5 "$dir/new"
run adapter make --square 16 --density nan "$dir/new"
run adapter make --square 16 --rank 2 --kind dora "$dir/new"
run adapter make --square 16 --rank 2 --mask round "$dir/new"
run adapter make --square 16 --rank 2 --seed -1 "$dir/new"
run adapter make --square 16 --rank 2 --strength 0 "$dir/new"
run adapter make --square 16 --rank 2 --strength inf "$dir/new"
run adapter make --square 16 --rank 2 --strength 1e300 "$dir/new"
[ -e "$dir/new" ] || echo "No folder was made."
echo

echo "Files:"
run adapter make --model "$dir/nosuch.yaml" --rank 2 "$dir/new"
run adapter make --square 16 --rank 2 --weights "$dir/nosuch.safetensors" "$dir/new"
run adapter make --square 16 --rank 2 --weights "$dir/shira/adapter_model.safetensors" "$dir/new"
run adapter make --square 16 --rank 2 "$dir/nosuch/new"
run adapter make --square 16 --rank 2 "$dir/shira/adapter_config.json"
run adapter inspect "$dir/nosuch"
run adapter inspect "$dir/shira/adapter_config.json"
mkdir "$dir/half"
echo '{"peft_type": "SHIRA", "r": 1}' >"$dir/half/adapter_config.json"
run adapter inspect "$dir/half"

echo "What adapter_config.json says:"
entries=$(tensor linear.shira_weight F32 2 0 8),$(tensor linear.shira_indices I32 2,2 8 24)
data=$(i32 0x3f800000 0xbf000000)$(i32 0 1 2 3) # 1.0 and -0.5 at (0, 2) and (1, 3)
config() {
  adapter config "$1" "$entries" "$data"
  echo "$1"
  run adapter inspect "$dir/config"
}
config '{"peft_type": "SHIRA", "r": 2}'
config '{"peft_type": "SHIRA", "r": 3}'
config '{"peft_type": "SHIRA", "r": 2'
config '{"peft_type": "SHIRA", "r": 2, "r": 2}'
config '{"r": 2}'
config '{"peft_type": "VERA", "r": 2}'
config '{"peft_type": "LORA", "r": 2, "lora_alpha": 4}'
config '{"peft_type": "LORA", "r": 2, "lora_alpha": 4, "use_dora": true}'
config '{"peft_type": "SHIRA"}'
config '{"peft_type": "SHIRA", "r": 0}'
config '{"peft_type": "SHIRA", "r": "2"}'

echo "What the tensors say:"
tensors() { # ENTRIES DATA
  adapter tensors '{"peft_type": "SHIRA", "r": 1}' "$1" "$2"
  run adapter inspect "$dir/tensors"
}
values=$(i32 0x3f800000 0x3f800000)
tensors "$entries" "$values$(i32 0 0 2 2)"
tensors "$entries" "$values$(i32 0 -1 2 3)"
tensors "$entries" "$(i32 0x3f800000 0x7fc00000)$(i32 0 1 2 3)"
tensors "$(tensor linear.shira_weight F32 2 0 8)" "$values"
tensors "$(tensor linear.shira_weight F32 2 0 8),$(tensor linear.shira_indices I32 2,1 8 16)" \
  "$values$(i32 0 0)"
tensors "$(tensor linear.shira_weight F32 2 0 8),$(tensor linear.shira_indices I64 2,2 8 40)" \
  "$values$(i32 0 0 0 0 0 0 0 0)"
tensors "$(tensor linear.shira_weight I32 2 0 8),$(tensor linear.shira_indices I32 2,2 8 24)" \
  "$values$(i32 0 1 2 3)"
tensors "$entries,$(tensor linear.bias F32 1 24 28)" "$values$(i32 0 1 2 3)$(i32 0)"
