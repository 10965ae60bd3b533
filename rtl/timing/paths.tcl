# Of run.sh: the deepest path between registers that ends in each block, a group of paths a block; what ends in none of
# them ends in shira_top itself. All clock inputs are one clock.
create_clock -name cycle -period $period [get_ports clk*]
foreach block $blocks {
  group_path -name $block -to [get_cells "u_$block/* u_$block/*/* u_$block/*/*/*"]
}
report_checks -format full -digits 4 > $dir/paths
